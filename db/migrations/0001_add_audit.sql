-- The audit log: one row for each thing that happened, written in the transaction of the change itself.
-- The runtime role can add rows and read them, nothing else; what the database knows better (when, who, which transaction) it sets itself.

do $$
begin
    if not exists (select from pg_roles where rolname = 'portal_runtime') then
        create role portal_runtime nologin;
    end if;
end
$$;

create schema audit;

create table audit.event (
    event_id         uuid         primary key,
    subject_type     text         not null check (length(subject_type) between 1 and 60),
    subject_key      text         not null check (length(subject_key) between 1 and 300),
    subject_version  int          not null check (subject_version > 0),
    use_case_key     text         check (length(use_case_key) between 1 and 60),
    occurred_at      timestamptz  not null,
    recorded_at      timestamptz  not null default clock_timestamp(),
    transaction_id   xid8         not null default pg_current_xact_id(),
    database_user    text         not null default session_user,
    actor_id         text         not null check (length(actor_id) between 1 and 300),
    actor_name       text         not null,
    on_behalf_of     text,
    action           text         not null check (length(action) between 1 and 100),
    content_hash     text         constraint content_hash_is_sha256 check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    body             text         not null check (length(body) <= 1000000),

    -- Also the last line of defence against two changes made from one state.
    constraint one_event_for_each_version_of_a_subject unique (subject_type, subject_key, subject_version)
);

-- the timeline of a use case, newest first
create index event_of_use_case on audit.event (use_case_key, occurred_at desc, event_id desc);
-- what happened lately, for the home pages
create index event_by_time on audit.event (occurred_at desc);

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'The audit log is append-only.';
end
$$;

create trigger audit_event_is_append_only before update or delete on audit.event for each row execute function audit.refuse_change();
create trigger audit_event_is_never_truncated before truncate on audit.event for each statement execute function audit.refuse_change();
-- "always": session_replication_role = replica would switch off a plain trigger
alter table audit.event enable always trigger audit_event_is_append_only;
alter table audit.event enable always trigger audit_event_is_never_truncated;

grant usage on schema audit to portal_runtime;
grant select on audit.event to portal_runtime;
grant insert (event_id, subject_type, subject_key, subject_version, use_case_key, occurred_at, actor_id, actor_name, on_behalf_of, action, content_hash, body)
    on audit.event to portal_runtime;
