-- Failures people met, shared so that others learn. Written by anybody, published by somebody else of the CoE who took personal
-- data out; from then on the text is the organisation's, and the row no longer says who wrote it.

create sequence shared_failure_number;

create table shared_failure (
    key              text         primary key check (key ~ '^SF-[0-9]{4,}$'),
    title            text         not null check (length(title) between 1 and 160),
    happened         text         not null check (length(happened) between 1 and 4000),
    learnt           text         not null check (length(learnt) between 1 and 4000),
    workaround       text         not null check (length(workaround) <= 2000),
    kind             text         not null check (kind in ('Prompt', 'Retrieval', 'Tool', 'Ui', 'Model')),
    use_cases        text[]       not null check (cardinality(use_cases) <= 20),
    feedback_id      uuid         references user_feedback (id),
    state            text         not null check (state in ('Waiting', 'Published', 'Withdrawn')),
    written_by       text,
    written_by_name  text,
    written_at       timestamptz  not null,
    published_by     text,
    published_by_name text,
    published_at     timestamptz,
    withdrawn_by     text,
    withdrawn_by_name text,
    withdrawn_reason text         not null default '' check (length(withdrawn_reason) <= 1000),
    withdrawn_at     timestamptz,
    met              int          not null default 0 check (met >= 0),
    version          int          not null,
    event_count      int          not null,

    constraint written_by_somebody_until_it_is_published check ((written_by is null) = (published_at is not null) and (written_by is null) = (written_by_name is null)),
    constraint published_by_somebody check ((published_at is null) = (published_by is null) and (published_at is null) = (published_by_name is null)),
    constraint published_exactly_when_it_says_so check (state <> 'Published' or published_at is not null),
    constraint waiting_until_published check (state <> 'Waiting' or published_at is null),
    constraint withdrawn_by_somebody check ((state = 'Withdrawn') = (withdrawn_at is not null) and (withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_by is null) = (withdrawn_by_name is null)),
    constraint withdrawn_for_a_reason check (withdrawn_at is null or length(withdrawn_reason) > 0)
);

-- the board, newest first
create index shared_failure_by_state on shared_failure (state, published_at desc, key);

create table failure_encounter (
    id           uuid         primary key,
    failure_key  text         not null references shared_failure (key),
    person_id    text         not null,
    met_at       timestamptz  not null,
    version      int          not null,
    event_count  int          not null,

    constraint it_happened_once_to_each_person unique (failure_key, person_id)
);

insert into personal_column (table_name, person, name, texts) values
    ('public.shared_failure',     'written_by',    'written_by_name',    '{title,happened,learnt,workaround}'),
    ('public.shared_failure',     'published_by',  'published_by_name',  '{}'),
    ('public.shared_failure',     'withdrawn_by',  'withdrawn_by_name',  '{withdrawn_reason}');

grant usage on sequence shared_failure_number to portal_runtime;
grant select, insert, update on shared_failure to portal_runtime;
grant select, insert on failure_encounter to portal_runtime;
