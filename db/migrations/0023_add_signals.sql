-- Alerts that somebody else raised, on the use case they name. They are kept, not obeyed: only an approved criterion engages.
-- Reported again, an alert is the same one; resolved, it ends.

create table telemetry.signal (
    id            uuid         primary key,
    source        text         not null check (length(source) between 1 and 60),
    fingerprint   text         not null check (length(fingerprint) between 1 and 700),
    name          text         not null check (length(name) <= 200),
    severity      text         not null check (length(severity) <= 200),
    summary       text         not null check (length(summary) <= 1000),
    use_case_key  text,
    is_firing     boolean      not null,
    started_at    timestamptz  not null,
    ended_at      timestamptz,
    received_at   timestamptz  not null,
    labels        jsonb        not null,

    constraint one_signal_for_each_alert unique (source, fingerprint, started_at),
    constraint ended_at_set_exactly_when_resolved check (is_firing = (ended_at is null))
);

-- the signals on a use case, newest first
create index signal_of_use_case on telemetry.signal (use_case_key, started_at desc);

grant select, insert, update on telemetry.signal to portal_runtime;
