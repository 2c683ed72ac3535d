-- The key of personal data can be changed, by the owner and in one transaction with every key it encrypts.
alter table privacy.wrapping_key add column changed_in xid8;

create or replace function privacy.refuse_key_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and (new.person_id, new.created_at) is not distinct from (old.person_id, old.created_at) and old.wrapped_key is not null
        and (new.wrapped_key is null or new.destroyed_at is null and exists (select from privacy.wrapping_key w where w.changed_in = pg_current_xact_id())) then
        return new;
    end if;
    raise exception 'A key is only ever destroyed, and stays so.' using constraint = 'a_key_is_only_destroyed';
end
$$;
