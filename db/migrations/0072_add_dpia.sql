-- Data protection impact assessments, with their part on fundamental rights: a draft with advice, the answer to it, and frozen
-- versions as they were signed off.

create sequence dpia_number;

create table dpia (
    id                 uuid         primary key,
    key                text         not null unique,
    use_case_key       text         not null unique references use_case (key),
    draft              jsonb        not null check (pg_column_size(draft) < 2000000),
    content_hash       text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    editors            text[]       not null,
    advice             text         not null check (length(advice) <= 4000),
    advised_by         text,
    advised_by_name    text,
    advised_hash       text,
    advice_accepted    boolean,
    answer             text         not null check (length(answer) <= 4000),
    answered_by        text,
    answered_by_name   text,
    latest_version     int          not null,
    is_signed_off      boolean      not null,
    review_on          date,
    signed_facts       jsonb        not null,
    reopened_because   text         not null check (length(reopened_because) <= 2000),
    changed_at         timestamptz  not null,
    version            int          not null,
    event_count        int          not null,

    constraint advice_has_a_person check ((advised_by is null) = (advised_hash is null)),
    constraint answered_by_somebody_else check ((answered_by is null) = (advice_accepted is null) and answered_by <> advised_by),
    constraint signed_off_on_answered_advice check (not is_signed_off or advised_hash = content_hash and advice_accepted is not null and review_on is not null)
);

create table dpia_version (
    assessment_id   uuid         not null references dpia (id),
    number          int          not null check (number >= 1),
    content         jsonb        not null,
    content_hash    text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    signed_by       text         not null,
    signed_by_name  text         not null,
    signed_at       timestamptz  not null,
    review_on       date         not null,

    primary key (assessment_id, number)
);

create trigger dpia_version_is_frozen before update or delete on dpia_version for each row execute function refuse_frozen_change();
alter table dpia_version enable always trigger dpia_version_is_frozen;

create constraint trigger a_dpia_under_review_does_not_change after update on dpia deferrable initially deferred
    for each row execute function refuse_change_under_review();
alter table dpia enable always trigger a_dpia_under_review_does_not_change;

insert into personal_column (table_name, person, name, texts) values
    ('public.dpia',          'advised_by',   'advised_by_name',   '{advice}'),
    ('public.dpia',          'answered_by',  'answered_by_name',  '{answer}'),
    ('public.dpia_version',  'signed_by',    'signed_by_name',    '{}');

grant select, insert on dpia, dpia_version to portal_runtime;
grant update (draft, content_hash, editors, advice, advised_by, advised_by_name, advised_hash, advice_accepted, answer, answered_by, answered_by_name, latest_version,
    is_signed_off, review_on, signed_facts, reopened_because, changed_at, version, event_count) on dpia to portal_runtime;
grant usage on sequence dpia_number to portal_runtime;
