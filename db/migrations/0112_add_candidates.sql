-- Workflow archaeology: work as it is done today that AI might help with. Points are computed by templates/rules/candidates.yaml when
-- they are looked at, so that other rules need no rewriting here. A candidate becomes one use case, or is set aside with a reason.

create sequence candidate_number;

create table candidate (
    id                 uuid         primary key,
    key                text         not null unique check (key ~ '^CW-[0-9]{4,}$'),
    name               text         not null check (length(name) between 1 and 200),
    department         text         not null check (length(department) between 1 and 200),
    description        text         not null check (length(description) between 1 and 4000),
    per_month          int          not null check (per_month between 1 and 1000000),
    minutes            int          not null check (minutes between 1 and 10000),
    people             int          not null check (people between 1 and 1000),
    value              int          not null check (value between 1 and 5),
    feasibility        int          not null check (feasibility between 1 and 5),
    added_by           text         not null,
    added_by_name      text         not null,
    added_at           timestamptz  not null,
    changed_at         timestamptz  not null,
    set_aside_by       text,
    set_aside_by_name  text,
    set_aside_at       timestamptz,
    set_aside_reason   text         check (length(set_aside_reason) between 1 and 1000),
    use_case_key       text         unique references use_case (key) deferrable initially deferred,
    version            int          not null,
    event_count        int          not null,

    constraint set_aside_by_somebody_for_a_reason check (
        (set_aside_at is null) = (set_aside_by is null) and (set_aside_at is null) = (set_aside_by_name is null) and (set_aside_at is null) = (set_aside_reason is null)),
    constraint what_is_proposed_is_not_set_aside check (use_case_key is null or set_aside_at is null)
);

-- the list of a department
create index candidate_of_department on candidate (department);

create function refuse_other_use_case() returns trigger language plpgsql as $$
begin
    if old.use_case_key is not null and new.use_case_key is distinct from old.use_case_key then
        raise exception 'A candidate becomes one use case, for good.' using constraint = 'a_candidate_becomes_one_use_case';
    end if;
    return new;
end
$$;

create trigger a_candidate_becomes_one_use_case before update on candidate for each row execute function refuse_other_use_case();
alter table candidate enable always trigger a_candidate_becomes_one_use_case;

insert into personal_column (table_name, person, name, texts) values
    ('public.candidate',  'added_by',      'added_by_name',      '{}'),
    ('public.candidate',  'set_aside_by',  'set_aside_by_name',  '{set_aside_reason}');

grant usage on sequence candidate_number to portal_runtime;
grant select, insert on candidate to portal_runtime;
grant update (name, department, description, per_month, minutes, people, value, feasibility, changed_at, set_aside_by, set_aside_by_name, set_aside_at, set_aside_reason, use_case_key, version, event_count)
    on candidate to portal_runtime;
