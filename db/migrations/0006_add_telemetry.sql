-- Calls of models, their minute totals, and what of each budget is spent.
-- A call is stored once for its source and its id there; no prompt and no response is ever stored.

create schema telemetry;

create table telemetry.call (
    source             text            not null check (length(source) between 1 and 60),
    source_event_id    text            not null check (length(source_event_id) between 1 and 200),
    use_case_key       text,
    claimed_use_case   text            check (length(claimed_use_case) <= 200),
    started_at         timestamptz     not null,
    recorded_at        timestamptz     not null default clock_timestamp(),
    duration_us        bigint          check (duration_us >= 0),
    provider           text            not null,
    operation          text            not null,
    model              text            not null,
    request_model      text,
    input_tokens       bigint          check (input_tokens >= 0),
    output_tokens      bigint          check (output_tokens >= 0),
    cached_input_tokens bigint         check (cached_input_tokens >= 0),
    reasoning_tokens   bigint          check (reasoning_tokens >= 0),
    cost               numeric(24, 12) check (cost >= 0),
    cost_origin        text            not null,
    failed             boolean         not null,
    error_type         text,
    response_id        text,
    trace_id           text,
    span_id            text,

    constraint counted_once primary key (source, source_event_id),
    constraint unknown_cost_is_missing_never_zero check ((cost is null) = (cost_origin = 'unknown'))
);

-- the calls of a use case, by when they were made
create index call_of_use_case on telemetry.call (use_case_key, started_at);

-- use_case_key is empty for traffic that belongs to no use case
create table telemetry.usage_minute (
    use_case_key     text            not null,
    minute           timestamptz     not null,
    model            text            not null,
    calls            bigint          not null,
    unmetered_calls  bigint          not null,
    unpriced_calls   bigint          not null,
    failed_calls     bigint          not null,
    input_tokens     bigint          not null,
    output_tokens    bigint          not null,
    cost             numeric(24, 12) not null,

    primary key (use_case_key, minute, model)
);

create table telemetry.spend (
    use_case_key  text            not null,
    revision      int             not null,
    criterion     int             not null,
    window_start  timestamptz     not null,
    cost          numeric(24, 12) not null,
    breached_at   timestamptz,
    breached_by   text,

    primary key (use_case_key, revision, criterion, window_start),
    constraint breached_at_a_call check ((breached_at is null) = (breached_by is null))
);

grant usage on schema telemetry to portal_runtime;
grant select, insert on telemetry.call to portal_runtime;
grant select, insert, update on telemetry.usage_minute, telemetry.spend to portal_runtime;
