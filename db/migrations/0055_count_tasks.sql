-- What one trace covers is one task. Its first call counts it, in the minute of that call; only of use cases that promise a cost for a task.
create table telemetry.task (
    use_case_key  text         not null,
    trace_id      text         not null check (length(trace_id) between 1 and 200),
    begun_at      timestamptz  not null,

    primary key (use_case_key, trace_id)
);

-- what retention forgets
create index task_by_age on telemetry.task (begun_at);

alter table telemetry.criterion_minute add column tasks bigint not null default 0, add column task_cost numeric(24, 12) not null default 0;

grant select, insert, delete on telemetry.task to portal_runtime;
