-- Use cases taken over from an inventory: where each row went and why, mappings that people saved, and the grace of what runs without approval.
-- A row is known by its own hash and its occurrence, so importing a file twice changes nothing.

alter table use_case
    add origin       text         check (length(origin) between 1 and 60),
    add phase        text         check (phase in ('Idea', 'ProofOfConcept', 'Pilot', 'Production', 'Retired')),
    add grace_until  timestamptz,
    drop constraint use_case_stage_check,
    add constraint use_case_stage_check
        check (stage in ('Draft', 'InReview', 'ChangesAsked', 'Declined', 'NotAllowed', 'Registered', 'Approved', 'InService', 'Retired')),
    add constraint only_what_was_taken_over_is_registered check (stage <> 'Registered' or (origin is not null and approved_revision is null)),
    add constraint grace_is_for_what_has_no_approval check (grace_until is null or (origin is not null and approved_revision is null and stage <> 'Retired'));

-- the sweep: graces that have ended
create index use_case_in_grace on use_case (grace_until) where grace_until is not null;

create table import_run (
    id            uuid         primary key,
    mapping       text         not null check (length(mapping) between 1 and 60),
    mapping_hash  text         not null check (mapping_hash ~ '^sha256:[0-9a-f]{64}$'),
    file_hash     text         not null check (file_hash ~ '^sha256:[0-9a-f]{64}$'),
    file_bytes    bigint       not null check (file_bytes > 0),
    encoding      text         not null check (length(encoding) <= 40),
    headers       text[]       not null check (cardinality(headers) between 1 and 200),
    row_count     int          not null check (row_count >= 0),
    imported      int          not null check (imported >= 0),
    unchanged     int          not null check (unchanged >= 0),
    refused       int          not null check (refused >= 0),
    flagged       int          not null check (flagged between 0 and imported),
    run_by        text         not null,
    run_by_name   text         not null,
    run_at        timestamptz  not null,
    version       int          not null,
    event_count   int          not null,

    constraint no_row_is_lost check (row_count = imported + unchanged + refused)
);

-- the history, newest first
create index import_run_by_time on import_run (run_at desc, id desc);

create table import_row (
    run_id        uuid      not null references import_run,
    line          int       not null check (line > 1),
    row_hash      text      not null check (row_hash ~ '^[0-9a-f]{64}$'),
    occurrence    int       not null check (occurrence > 0),
    title         text      not null check (length(title) <= 200),
    cells         text[]    not null,
    use_case_key  text      unique references use_case (key),
    reason        text      check (length(reason) between 1 and 1000),
    notes         text[]    not null default '{}',
    duplicate_of  text,
    similarity    real      check (similarity between 0 and 1),

    primary key (run_id, line),
    constraint a_row_is_imported_or_refused_with_a_reason check ((use_case_key is null) = (reason is not null)),
    constraint a_likely_duplicate_says_of_what check ((duplicate_of is null) = (similarity is null))
);

create unique index a_row_is_imported_once on import_row (row_hash, occurrence) where use_case_key is not null;
create index refused_row_of_run on import_row (run_id, line) where reason is not null;
create index flagged_row_of_run on import_row (run_id, line) where duplicate_of is not null;

create table import_mapping (
    name           text         primary key check (name ~ '^[a-z0-9][a-z0-9-]{1,58}[a-z0-9]$'),
    yaml           text         not null check (length(yaml) between 1 and 100000),
    saved_by       text         not null,
    saved_by_name  text         not null,
    saved_at       timestamptz  not null,
    version        int          not null,
    event_count    int          not null
);

create trigger import_row_is_frozen before update or delete on import_row for each row execute function refuse_frozen_change();
create trigger import_run_is_frozen before update or delete on import_run for each row execute function refuse_frozen_change();

insert into personal_column (table_name, person, name, texts) values
    ('public.import_run',      'run_by',    'run_by_name',    '{}'),
    ('public.import_mapping',  'saved_by',  'saved_by_name',  '{}');

grant select, insert on import_run, import_row to portal_runtime;
grant select, insert, update on import_mapping to portal_runtime;
