-- Whoever writes an event also pays for its place in the queue, and for a lock on the event that the queue's foreign key took.
-- Only a trigger fills the queue, so what both constraints held is true by construction; the number itself keeps its own.

alter table audit.pending
    drop constraint pending_event_id_fkey,
    drop constraint pending_event_id_key;

-- Once for each batch of numbers, not for each number.
drop trigger leaves_follow_each_other on audit.leaf;

create or replace function audit.refuse_gap() returns trigger language plpgsql as $$
declare
    first bigint;
    last bigint;
    added bigint;
begin
    select min(index), max(index), count(*) into first, last, added from added_leaf;
    if added > 0 and (last - first + 1 <> added or last <> (select max(index) from audit.leaf)
        or first > 0 and not exists (select from audit.leaf where index = first - 1)) then
        raise exception 'The audit log has no gaps.' using constraint = 'leaves_follow_each_other';
    end if;
    return null;
end
$$;

create trigger leaves_follow_each_other after insert on audit.leaf referencing new table as added_leaf
    for each statement execute function audit.refuse_gap();
alter table audit.leaf enable always trigger leaves_follow_each_other;
