-- Rehearsals of a stop, timed step by step by the database's clock, and the canary that can be halted without harm.
-- The canary goes the whole way a real stop goes, but nothing runs behind it, so no two people are needed to let it go.

create table canary (
    only_row    boolean      primary key default true check (only_row),
    is_halted   boolean      not null,
    generation  bigint       not null,
    changed_at  timestamptz  not null
);

insert into canary (is_halted, generation, changed_at) values (false, 0, clock_timestamp());

create table drill (
    id               uuid         primary key,
    target           text         not null check (length(target) between 1 and 60),
    kind             text         not null check (kind in ('Canary', 'Real')),
    outcome          text         not null check (outcome in ('Met', 'Missed', 'Incomplete')),
    reason           text         not null check (length(reason) <= 1000),
    started_by       text         not null,
    started_by_name  text         not null,
    objective_ms     int          not null check (objective_ms > 0),
    generation       bigint       not null,
    clicked_at       timestamptz  not null,
    committed_at     timestamptz  not null,
    nodes_at         timestamptz,
    gateways_at      timestamptz,
    denied_at        timestamptz,
    leaked_calls     bigint       not null check (leaked_calls >= 0),
    leaked_cost      numeric(24, 12) not null check (leaked_cost >= 0),
    silent           text[]       not null,
    version          int          not null,
    event_count      int          not null,

    constraint met_only_when_somebody_was_refused_in_time check (
        outcome <> 'Met' or (denied_at is not null and denied_at - clicked_at <= make_interval(secs => objective_ms / 1000.0)))
);

-- one thing's drills, newest first
create index drill_of_target on drill (target, clicked_at desc);

create table drill_point (
    drill_id    uuid     not null references drill (id),
    name        text     not null check (length(name) between 1 and 201),
    is_gateway  boolean  not null,
    after_ms    float8   not null check (after_ms >= 0),

    primary key (drill_id, name)
);

create index drill_point_by_name on drill_point (name);

grant select, update on canary to portal_runtime;
grant select, insert on drill, drill_point to portal_runtime;
