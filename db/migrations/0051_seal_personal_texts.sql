-- What the log says of people is encrypted with a key for each person, kept outside the log: who is erased loses the key,
-- and every leaf, which covers only what was encrypted, stays what it is. The format is described in src/CoEPortal.Evidence/FORMAT.md.

-- Null only in rows from before: those are leaves of format 1 for ever.
alter table audit.event add column sealed text check (length(sealed) <= 1500000);
alter table audit.event alter column sealed set default '{}';
alter table audit.event add constraint every_event_is_sealed_from_now_on check (sealed is not null) not valid;
grant insert (sealed) on audit.event to portal_runtime;

-- A schema of its own, so that its backups can be kept apart and for a shorter time.
create schema privacy;

create table privacy.person_key (
    person_id       text         primary key check (length(person_id) between 1 and 300),
    wrapped_key     bytea        check (length(wrapped_key) = 60),
    created_at      timestamptz  not null default clock_timestamp(),
    destroyed_at    timestamptz,
    -- which changed it last: what a transaction has not committed yet is remembered by nobody
    transaction_id  xid8         not null default pg_current_xact_id(),

    constraint a_key_is_there_until_it_is_destroyed check ((wrapped_key is null) = (destroyed_at is not null))
)
-- what was destroyed shall not lie about in dead rows
with (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

create function privacy.refuse_key_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or new.wrapped_key is not null or old.wrapped_key is null
        or (new.person_id, new.created_at) is distinct from (old.person_id, old.created_at) then
        raise exception 'A key is only ever destroyed, and stays so.' using constraint = 'a_key_is_only_destroyed';
    end if;
    return new;
end
$$;

create trigger a_key_is_only_destroyed before update or delete on privacy.person_key for each row execute function privacy.refuse_key_change();
alter table privacy.person_key enable always trigger a_key_is_only_destroyed;

-- By what the keys are encrypted: a portal that was given another key says so when it starts, not when it needs it.
create table privacy.wrapping_key (
    only_one     bool  primary key default true check (only_one),
    fingerprint  text  not null check (length(fingerprint) = 64)
);

grant usage on schema privacy to portal_runtime;
grant select, insert on privacy.person_key, privacy.wrapping_key to portal_runtime;
grant update (wrapped_key, destroyed_at, transaction_id) on privacy.person_key to portal_runtime;
