-- Runs that priced calls again: who, why, and what it changed. The event in the audit log says the same.
-- A run is a record of its own because it is about a time, not about a use case.

create table telemetry.price_run (
    id             uuid            primary key,
    priced_from    timestamptz     not null,
    priced_to      timestamptz     not null,
    reason         text            not null check (length(reason) between 1 and 500),
    run_by         text            not null,
    run_by_name    text            not null,
    run_at         timestamptz     not null,
    calls          bigint          not null,
    changed_calls  bigint          not null,
    cost_before    numeric(24, 12) not null,
    cost_after     numeric(24, 12) not null,
    version        int             not null,
    event_count    int             not null,

    constraint priced_a_period check (priced_from < priced_to)
);

grant select, insert on telemetry.price_run to portal_runtime;
