-- What kill criteria are judged by beside budgets: figures of each minute, only of use cases that promise such a limit.
-- A criterion remembers whether it is over its limit, so that it engages once and again only after it was well below.

create table telemetry.criterion_minute (
    use_case_key  text             not null,
    minute        timestamptz      not null,
    calls         bigint           not null,
    failed        bigint           not null,
    unmetered     bigint           not null,
    priced        bigint           not null,
    cost          numeric(24, 12)  not null,

    primary key (use_case_key, minute)
);

-- The same buckets as those of telemetry.usage_minute: a percentile is exact within five per cent.
create table telemetry.criterion_latency (
    use_case_key  text         not null,
    minute        timestamptz  not null,
    bucket        smallint     not null check (bucket between 0 and 151),
    calls         bigint       not null,

    primary key (use_case_key, minute, bucket)
);

create table telemetry.criterion_state (
    use_case_key  text         not null,
    revision      int          not null,
    criterion     int          not null,
    is_over       boolean      not null,
    engaged_at    timestamptz,

    primary key (use_case_key, revision, criterion)
);

-- Stricter than approved, never looser: the approved limit stands in the revision, and the first tightening is measured by it.
create table criterion_tightening (
    id              uuid         primary key,
    use_case_key    text         not null references use_case (key),
    revision        int          not null,
    criterion       int          not null check (criterion > 0),
    approved_limit  numeric      not null,
    "limit"         numeric      not null,
    reason          text         not null check (length(reason) between 1 and 1000),
    changed_by      text         not null,
    changed_by_name text         not null,
    changed_at      timestamptz  not null,
    version         int          not null,
    event_count     int          not null,

    constraint one_limit_in_force unique (use_case_key, revision, criterion),
    constraint tighter_than_approved check ("limit" <> approved_limit)
);

create function refuse_looser_limit() returns trigger language plpgsql as $$
begin
    if sign(new."limit" - old."limit") * sign(old."limit" - old.approved_limit) <= 0 then
        raise exception 'A criterion is only ever tightened.' using constraint = 'a_criterion_is_only_tightened';
    end if;
    return new;
end
$$;

create trigger a_criterion_is_only_tightened before update on criterion_tightening for each row execute function refuse_looser_limit();

grant select, insert, update on telemetry.criterion_minute, telemetry.criterion_latency, telemetry.criterion_state, criterion_tightening to portal_runtime;
