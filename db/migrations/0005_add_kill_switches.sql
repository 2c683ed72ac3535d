-- Credentials of gateways, kill switches, and the generation that numbers the states of enforcement.
-- A switch is never deleted: released is a state, and its history is in the audit log.

create table enforcement_generation (
    only_row  boolean  primary key default true check (only_row),
    value     bigint   not null
);

insert into enforcement_generation (value) values (1);

create function refuse_older_generation() returns trigger language plpgsql as $$
begin
    if new.value <= old.value then
        raise exception 'A generation only grows.';
    end if;
    return new;
end
$$;

create trigger generation_only_grows before update on enforcement_generation for each row execute function refuse_older_generation();

create table credential_binding (
    id             uuid         primary key,
    use_case_key   text         not null references use_case (key),
    kind           text         not null check (kind in ('KeyHash', 'Route', 'Team')),
    value          text         not null check (length(value) between 1 and 200),
    gateway        text         not null check (length(gateway) between 1 and 100),
    bound_by       text         not null,
    bound_by_name  text         not null,
    bound_at       timestamptz  not null,
    removed_at     timestamptz,
    version        int          not null,
    event_count    int          not null,

    constraint a_key_is_only_ever_kept_as_a_hash check (kind <> 'KeyHash' or value ~ '^[0-9a-f]{64}$')
);

-- One credential must not identify two use cases.
create unique index one_use_case_for_each_credential on credential_binding (kind, value) where removed_at is null;
create index binding_of_use_case on credential_binding (use_case_key);

create table kill_switch (
    id                         uuid         primary key,
    scope                      text         not null check (scope in ('UseCase', 'Model', 'Gateway', 'All')),
    target                     text         not null check (length(target) between 1 and 200),
    state                      text         not null check (state in ('Released', 'Engaged', 'ReleasePending')),
    mode                       text         check (mode in ('Stop', 'Degrade', 'Rollback')),
    reason                     text         not null check (length(reason) <= 1000),
    message                    text         not null check (length(message) <= 1000),
    engaged_by                 text,
    engaged_by_name            text,
    engaging_functions         text[]       not null,
    engaged_by_rule            boolean      not null,
    engaged_at                 timestamptz,
    first_released_by          text,
    first_released_by_name     text,
    first_released_at          timestamptz,
    first_releasing_functions  text[]       not null,
    generation                 bigint       not null,
    changed_at                 timestamptz  not null,
    version                    int          not null,
    event_count                int          not null,

    unique (scope, target),
    constraint mode_set_exactly_when_engaged check ((state = 'Released') = (mode is null)),
    constraint engaged_by_somebody_for_a_reason check (state = 'Released' or (engaged_by is not null and length(trim(reason)) > 0)),
    constraint a_pending_release_has_a_first_person check (state <> 'ReleasePending' or first_released_by is not null)
);

create function refuse_silent_release() returns trigger language plpgsql as $$
begin
    if old.state <> 'Released' and new.state = 'Released' and old.state <> 'ReleasePending' then
        raise exception 'Two people release a switch.' using constraint = 'two_people_release_a_switch';
    end if;
    return new;
end
$$;

create trigger two_people_release_a_switch before update on kill_switch for each row execute function refuse_silent_release();
alter table kill_switch enable always trigger two_people_release_a_switch;

create table enforcement_node (
    name        text         primary key check (length(name) between 1 and 200),
    generation  bigint       not null,
    applied_at  timestamptz  not null,
    seen_at     timestamptz  not null
);

grant select, update (value) on enforcement_generation to portal_runtime;
grant select, insert, update on credential_binding, kill_switch, enforcement_node to portal_runtime;
