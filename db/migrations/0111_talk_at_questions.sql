-- A comment may stand at a question of the one-pager. What is said at one question is a thread, which somebody resolves and which
-- the next comment opens again.

alter table comment
    add question  text  check (question ~ '^[A-Z][A-Za-z]{1,39}(\.[A-Z][A-Za-z]{1,39})?$');

-- how many comments stand at each question, and those of one
create index comment_at_question on comment (use_case_key, question, written_at) where question is not null;

-- A thread that was never resolved has no row.
create table question_thread (
    id                uuid         primary key,
    use_case_key      text         not null references use_case (key),
    question          text         not null check (question ~ '^[A-Z][A-Za-z]{1,39}(\.[A-Z][A-Za-z]{1,39})?$'),
    resolved_by       text,
    resolved_by_name  text,
    resolved_at       timestamptz,
    version           int          not null,
    event_count       int          not null,

    constraint one_thread_at_each_question unique (use_case_key, question),
    constraint resolved_by_somebody check ((resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolved_by_name is null))
);

insert into personal_column (table_name, person, name, texts) values
    ('public.question_thread',  'resolved_by',  'resolved_by_name',  '{}');

grant select, insert on question_thread to portal_runtime;
grant update (resolved_by, resolved_by_name, resolved_at, version, event_count) on question_thread to portal_runtime;
