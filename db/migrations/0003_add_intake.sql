-- Use cases, their drafts and their frozen revisions.
-- A revision never changes: decisions are given for its hash, and its canonical text is kept so that the hash can be checked without the portal.

create sequence use_case_number;

create table use_case (
    id                 uuid         primary key,
    key                text         not null unique check (key ~ '^UC-[0-9]{4,}$'),
    title              text         not null check (length(title) <= 200),
    business_unit      text         not null check (length(business_unit) <= 200),
    stage              text         not null check (stage in ('Draft', 'InReview', 'ChangesAsked', 'Declined', 'NotAllowed', 'Approved', 'InService', 'Retired')),
    created_by         text         not null,
    created_by_name    text         not null,
    created_at         timestamptz  not null,
    changed_at         timestamptz  not null,
    editors            text[]       not null constraint somebody_wrote_it check (cardinality(editors) > 0),
    draft              jsonb        not null check (pg_column_size(draft) < 200000),
    latest_revision    int          not null check (latest_revision >= 0),
    approved_revision  int          check (approved_revision between 1 and latest_revision),
    lane               text         check (lane in ('Fast', 'Standard', 'Full', 'NotAllowed')),
    risk_class         text         check (risk_class in ('Minimal', 'Limited', 'High', 'Prohibited')),
    tier               text         check (tier in ('Low', 'Medium', 'High')),
    value              int          check (value between 0 and 100),
    risk               int          check (risk between 0 and 100),
    version            int          not null,
    event_count        int          not null,

    constraint in_force_needs_an_approved_revision check (stage not in ('Approved', 'InService') or approved_revision is not null),
    constraint a_prohibited_practice_is_never_approved check (risk_class <> 'Prohibited' or stage not in ('InReview', 'Approved', 'InService'))
);

-- the portfolio, newest change first and by stage
create index use_case_by_change on use_case (changed_at desc);
create index use_case_by_stage on use_case (stage, changed_at desc);
create index use_case_of_unit on use_case (business_unit);

create table use_case_revision (
    use_case_id        uuid         not null references use_case,
    number             int          not null check (number > 0),
    proposal           jsonb        not null,
    assessment         jsonb        not null,
    content            text         not null,
    content_hash       text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    submitted_by       text         not null,
    submitted_by_name  text         not null,
    submitted_at       timestamptz  not null,

    primary key (use_case_id, number),
    constraint hash_is_of_the_content check (content_hash = 'sha256:' || encode(sha256(convert_to(content, 'UTF8')), 'hex'))
);

create function refuse_frozen_change() returns trigger language plpgsql as $$
begin
    raise exception 'A submitted revision is frozen.';
end
$$;

create trigger revision_is_frozen before update or delete on use_case_revision for each row execute function refuse_frozen_change();
alter table use_case_revision enable always trigger revision_is_frozen;

grant usage on sequence use_case_number to portal_runtime;
grant select, insert, update on use_case to portal_runtime;
grant select, insert on use_case_revision to portal_runtime;
