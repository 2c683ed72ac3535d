-- Pre-cleared patterns: what a use case may be made of to be cleared by rule. Versions are frozen and published by somebody who
-- did not write them. Each use case that was cleared is a row, so that samples are looked at and clearances end when traffic leaves.

create sequence pattern_number;

create table pattern (
    id               uuid         primary key,
    key              text         not null unique check (key ~ '^PAT-[0-9]{4,}$'),
    title            text         not null check (length(title) between 1 and 200),
    owner_id         text         not null,
    owner_name       text         not null,
    draft            jsonb        not null check (pg_column_size(draft) < 200000),
    content_hash     text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    editors          text[]       not null,
    latest_version   int          not null check (latest_version >= 0),
    good_until       timestamptz,
    withdrawn_at     timestamptz,
    withdrawn_by     text,
    withdraw_reason  text         check (length(withdraw_reason) <= 1000),
    changed_at       timestamptz  not null,
    cleared          int          not null default 0 check (cleared >= 0),
    version          int          not null,
    event_count      int          not null,

    constraint good_until_an_instant_exactly_when_published check ((latest_version > 0) = (good_until is not null)),
    constraint withdrawn_by_somebody_for_a_reason check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdraw_reason is null))
);

create table pattern_version (
    pattern_id         uuid         not null references pattern (id),
    number             int          not null check (number >= 1),
    content            jsonb        not null,
    content_hash       text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    authors            text[]       not null,
    published_by       text         not null,
    published_by_name  text         not null,
    published_at       timestamptz  not null,
    expires_on         date         not null,

    primary key (pattern_id, number),
    constraint who_wrote_a_pattern_does_not_publish_it check (published_by <> all (authors))
);

create trigger pattern_version_is_frozen before update or delete on pattern_version for each row execute function refuse_frozen_change();
alter table pattern_version enable always trigger pattern_version_is_frozen;

create table clearance (
    id                uuid         primary key,
    use_case_key      text         not null references use_case (key),
    revision          int          not null check (revision > 0),
    pattern_key       text         not null references pattern (key),
    pattern_version   int          not null check (pattern_version > 0),
    number            int          not null check (number > 0),
    cleared_at        timestamptz  not null,
    is_sampled        boolean      not null,
    told_at           timestamptz,
    ended_at          timestamptz,
    ended_because     text         check (ended_because in ('ModelOutside', 'PatternExpired', 'PatternWithdrawn', 'SampleObjected')),
    detail            text         not null check (length(detail) <= 400),
    outcome           text         check (outcome in ('Confirmed', 'Objected')),
    reviewed_by       text,
    reviewed_by_name  text,
    reviewed_at       timestamptz,
    note              text         not null check (length(note) <= 2000),
    version           int          not null,
    event_count       int          not null,

    constraint a_revision_is_cleared_once unique (use_case_key, revision),
    constraint cleared_cases_of_a_pattern_are_counted unique (pattern_key, number),
    constraint ended_for_a_cause check ((ended_at is null) = (ended_because is null)),
    constraint only_samples_are_reviewed check (outcome is null or is_sampled),
    constraint reviewed_by_somebody check ((outcome is null) = (reviewed_by is null) and (outcome is null) = (reviewed_at is null)),
    constraint an_objection_has_a_reason_and_ends_it check (outcome is distinct from 'Objected' or length(note) > 0 and ended_at is not null)
);

-- what is cleared and stands, which a sweep compares with its pattern and its traffic
create index standing_clearance on clearance (use_case_key) where ended_at is null;
-- samples that wait, the oldest first
create index sample_that_waits on clearance (cleared_at) where is_sampled and outcome is null;

create function refuse_own_sample() returns trigger language plpgsql as $$
begin
    if new.reviewed_by is distinct from old.reviewed_by and not is_erasing()
        and exists (select from use_case u where u.key = new.use_case_key and new.reviewed_by = any (u.editors)) then
        raise exception 'Who wrote a use case does not review its sample.' using constraint = 'authors_do_not_review_their_sample';
    end if;
    return new;
end
$$;

create trigger authors_do_not_review_their_sample before update on clearance for each row execute function refuse_own_sample();
alter table clearance enable always trigger authors_do_not_review_their_sample;

insert into personal_column (table_name, person, name, texts) values
    ('public.pattern',          'owner_id',      'owner_name',         '{}'),
    ('public.pattern',          'withdrawn_by',  null,                 '{withdraw_reason}'),
    ('public.pattern_version',  'published_by',  'published_by_name',  '{}'),
    ('public.clearance',        'reviewed_by',   'reviewed_by_name',   '{note}');

grant usage on sequence pattern_number to portal_runtime;
grant select, insert on pattern, pattern_version, clearance to portal_runtime;
grant update (title, owner_id, owner_name, draft, content_hash, editors, latest_version, good_until, withdrawn_at, withdrawn_by, withdraw_reason, changed_at, cleared, version, event_count)
    on pattern to portal_runtime;
grant update (told_at, ended_at, ended_because, detail, outcome, reviewed_by, reviewed_by_name, reviewed_at, note, version, event_count) on clearance to portal_runtime;
