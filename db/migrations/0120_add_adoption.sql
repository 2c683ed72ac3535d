-- Whom a use case is rolled out to, in which steps, and how many use it. People are counted by keyed pseudonyms, by use case
-- and day: the ids that senders tell are stored nowhere, and two use cases of one person look like two people.

create table telemetry.end_user_key (
    only_one  boolean  primary key default true check (only_one),
    key       bytea    not null check (octet_length(key) = 32)
);

insert into telemetry.end_user_key (key) values (sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea));

create table telemetry.active_user (
    use_case_key  text   not null,
    day           date   not null,
    pseudonym     bytea  not null check (octet_length(pseudonym) = 16),
    cohort        text   check (length(cohort) between 1 and 40),

    primary key (use_case_key, day, pseudonym)
);

-- what retention forgets
create index active_user_by_day on telemetry.active_user (day);

create table rollout (
    use_case_key  text   primary key references use_case (key),
    phase         int    not null check (phase >= 0),
    phases        jsonb  not null,
    cohorts       jsonb  not null,
    version       int    not null,
    event_count   int    not null,

    constraint a_rollout_is_in_one_of_its_phases check (phase <= jsonb_array_length(phases))
);

create table rollout_decision (
    id               uuid         primary key,
    use_case_key     text         not null references rollout (use_case_key),
    number           int          not null check (number > 0),
    kind             text         not null check (kind in ('MoveOn', 'Stay', 'GoBack')),
    from_phase       int          not null check (from_phase >= 0),
    to_phase         int          not null check (to_phase >= 0),
    reason           text         not null check (length(reason) between 1 and 1000),
    measured         text[]       not null,
    decided_by       text         not null,
    decided_by_name  text         not null,
    decided_at       timestamptz  not null,

    constraint decisions_are_counted unique (use_case_key, number),
    constraint one_phase_forward_any_back check (to_phase - from_phase = case kind when 'MoveOn' then 1 when 'Stay' then 0 end or kind = 'GoBack' and to_phase < from_phase)
);

create trigger rollout_decision_is_frozen before update or delete on rollout_decision for each row execute function refuse_frozen_change();
alter table rollout_decision enable always trigger rollout_decision_is_frozen;

insert into personal_column (table_name, person, name, texts) values ('public.rollout_decision', 'decided_by', 'decided_by_name', '{reason}');

grant select on telemetry.end_user_key to portal_runtime;
grant select, insert, update (cohort), delete on telemetry.active_user to portal_runtime;
grant select, insert, update on rollout to portal_runtime;
grant select, insert on rollout_decision to portal_runtime;
