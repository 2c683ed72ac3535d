-- Metrics tell how much, not which call. What they say is kept beside the calls, and counts only where no call is told of:
-- see decision 17.

-- What a series had counted when it was last heard of. A series starts anew with its process, so its start belongs to it.
create table telemetry.metric_series (
    series      uuid         not null,
    start_ns    bigint       not null,
    time_ns     bigint       not null,
    count       bigint       not null,
    sum         numeric      not null,
    updated_at  timestamptz  not null default clock_timestamp(),

    primary key (series, start_ns)
);

create index metric_series_by_age on telemetry.metric_series using brin (updated_at);

-- A service, or a use case as its gateway sees it; from when on its calls are told of one by one, if they are.
create table telemetry.source (
    key           text         primary key check (length(key) <= 500),
    calls_from    timestamptz,
    reports_cost  boolean      not null default false
);

create table telemetry.metric_usage (
    service        text            not null,
    use_case_key   text            not null,
    minute         timestamptz     not null,
    model          text            not null,
    gateway        text            not null,
    counted        boolean         not null,
    calls          bigint          not null,
    failed_calls   bigint          not null,
    input_tokens   bigint          not null,
    output_tokens  bigint          not null,
    cost           numeric(24, 12) not null,

    primary key (service, use_case_key, minute, model, gateway)
);

-- what metrics said of a use case, beside its calls
create index metric_usage_of_use_case on telemetry.metric_usage (use_case_key, minute);

grant select, insert, update, delete on telemetry.metric_series to portal_runtime;
grant select, insert, update on telemetry.source, telemetry.metric_usage to portal_runtime;
