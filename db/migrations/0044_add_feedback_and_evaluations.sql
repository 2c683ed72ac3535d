-- What people think of answers, and what evaluations say of them: read by those who improve a use case, and by the kill
-- criteria that its approval promised. Guardrails are counted for criteria too.

alter table telemetry.criterion_minute add column guarded bigint not null default 0;

-- The score of a golden set or another evaluation, as a program reports it; once for its id.
create table telemetry.evaluation (
    id             uuid         primary key,
    use_case_key   text         not null,
    source_id      text         not null check (length(source_id) between 1 and 200),
    suite          text         not null check (length(suite) between 1 and 200),
    score          numeric      not null check (score between 0 and 1000000000),
    examples       bigint       not null check (examples between 1 and 1000000000),
    evaluated_at   timestamptz  not null,
    received_at    timestamptz  not null,
    reported_by    text         not null check (length(reported_by) <= 100),

    constraint each_evaluation_is_told_once unique (use_case_key, source_id)
);

-- the newest evaluation of a use case
create index evaluation_of_use_case on telemetry.evaluation (use_case_key, evaluated_at desc);

create table user_feedback (
    id               uuid         primary key,
    use_case_key     text         not null references use_case (key),
    source           text         not null check (length(source) <= 100),
    source_id        text         not null check (length(source_id) between 1 and 200),
    call_id          text         check (length(call_id) <= 200),
    opinion          text         not null check (opinion in ('Negative', 'Neutral', 'Positive')),
    score            int          check (score between 1 and 5),
    text             text         not null check (length(text) <= 4000),
    given_at         timestamptz  not null,
    received_at      timestamptz  not null,
    given_by         text,
    given_by_name    text         not null,
    state            text         not null check (state in ('New', 'Triaged', 'Done')),
    fix              text         check (fix in ('Prompt', 'Retrieval', 'Tool', 'Ui')),
    assignee_id      text,
    assignee_name    text,
    note             text         not null check (length(note) <= 2000),
    triaged_at       timestamptz,
    triaged_by_name  text,
    version          int          not null,
    event_count      int          not null,

    constraint feedback_is_taken_once unique (use_case_key, source, source_id),
    constraint triaged_exactly_when_somebody_did check ((triaged_at is null) = (triaged_by_name is null)),
    constraint new_until_triaged check (state <> 'New' or triaged_at is null),
    constraint triaged_by_somebody check (state <> 'Triaged' or triaged_at is not null),
    constraint assigned_to_somebody_with_a_name check ((assignee_id is null) = (assignee_name is null))
);

-- the feedback on a use case by when it was given: the inbox of one, and its kill criterion
create index feedback_of_use_case on user_feedback (use_case_key, given_at);
-- the inbox of all
create index feedback_by_state on user_feedback (state, given_at desc);

grant select, insert on telemetry.evaluation to portal_runtime;
grant select, insert, update on user_feedback to portal_runtime;
