-- The order of the audit log and the proof of it: a number for each event, given after its commit, a Merkle tree over them,
-- and the checkpoints that were signed. The format is described in src/CoEPortal.Evidence/FORMAT.md.

-- Events that have no number yet. Numbers are not given in the transaction of the change: writers would wait for each other.
create table audit.pending (
    id        bigint  generated always as identity primary key,
    event_id  uuid    not null unique references audit.event
);

create table audit.leaf (
    index          bigint       primary key check (index >= 0),
    event_id       uuid         not null unique references audit.event,
    hash           bytea        not null check (length(hash) = 32),
    integrated_at  timestamptz  not null default clock_timestamp()
);

-- Roots of 256, 65,536, … complete leaves, so that no proof reads more than a few pages.
create table audit.subtree (
    level  smallint  not null check (level between 1 and 7),
    index  bigint    not null check (index >= 0),
    hash   bytea     not null check (length(hash) = 32),

    primary key (level, index)
);

create table audit.checkpoint (
    id    bigint       generated always as identity primary key,
    size  bigint       not null check (size >= 0),
    root  bytea        not null check (length(root) = 32),
    at    timestamptz  not null,
    note  text         not null check (length(note) between 1 and 4096)
);

create index checkpoint_by_size on audit.checkpoint (size, id);

create function audit.note_pending() returns trigger language plpgsql security definer set search_path = audit, pg_temp as $$
begin
    insert into audit.pending (event_id) values (new.event_id);
    return null;
end
$$;

create trigger event_waits_for_its_number after insert on audit.event for each row execute function audit.note_pending();
alter table audit.event enable always trigger event_waits_for_its_number;

create function audit.refuse_gap() returns trigger language plpgsql as $$
begin
    if new.index <> (select coalesce(max(index) + 1, 0) from audit.leaf) then
        raise exception 'The audit log has no gaps.' using constraint = 'leaves_follow_each_other';
    end if;
    return new;
end
$$;

create trigger leaves_follow_each_other before insert on audit.leaf for each row execute function audit.refuse_gap();

create function audit.refuse_shrinking() returns trigger language plpgsql as $$
begin
    if exists (select from audit.checkpoint c where c.size > new.size or c.at >= new.at)
        or new.size > (select coalesce(max(index) + 1, 0) from audit.leaf) then
        raise exception 'A checkpoint is later than every other, not smaller, and of leaves that are there.' using constraint = 'checkpoints_only_grow';
    end if;
    return new;
end
$$;

create trigger checkpoints_only_grow before insert on audit.checkpoint for each row execute function audit.refuse_shrinking();
create index checkpoint_by_time on audit.checkpoint (at);

create trigger leaf_is_append_only before update or delete on audit.leaf for each row execute function audit.refuse_change();
create trigger subtree_is_append_only before update or delete on audit.subtree for each row execute function audit.refuse_change();
create trigger checkpoint_is_append_only before update or delete on audit.checkpoint for each row execute function audit.refuse_change();
create trigger leaf_is_never_truncated before truncate on audit.leaf for each statement execute function audit.refuse_change();
create trigger subtree_is_never_truncated before truncate on audit.subtree for each statement execute function audit.refuse_change();
create trigger checkpoint_is_never_truncated before truncate on audit.checkpoint for each statement execute function audit.refuse_change();
alter table audit.leaf enable always trigger leaf_is_append_only;
alter table audit.leaf enable always trigger leaf_is_never_truncated;
alter table audit.leaf enable always trigger leaves_follow_each_other;
alter table audit.subtree enable always trigger subtree_is_append_only;
alter table audit.subtree enable always trigger subtree_is_never_truncated;
alter table audit.checkpoint enable always trigger checkpoint_is_append_only;
alter table audit.checkpoint enable always trigger checkpoint_is_never_truncated;
alter table audit.checkpoint enable always trigger checkpoints_only_grow;

-- What was written before there was a tree gets its numbers in the order in which it was recorded.
insert into audit.pending (event_id) select event_id from audit.event order by recorded_at, event_id;

grant select, delete on audit.pending to portal_runtime;
grant select on audit.leaf, audit.subtree, audit.checkpoint to portal_runtime;
grant insert (index, event_id, hash) on audit.leaf to portal_runtime;
grant insert on audit.subtree to portal_runtime;
grant insert (size, root, at, note) on audit.checkpoint to portal_runtime;

-- Which checkpoint a finished report carries, so that the next one of the same use case can prove to extend it.
alter table audit_pack_job add checkpoint_size bigint check (checkpoint_size >= 0);
