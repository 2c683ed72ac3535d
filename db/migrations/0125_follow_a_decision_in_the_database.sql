-- What always follows a decision is done where the rows are: a round trip less for each, and no command can forget it.
-- An approval takes its number of enforcement at the commit, so that nobody waits for the number while another command still works.

create function drop_timers_of_closed_task() returns trigger language plpgsql as $$
begin
    update review_timer set state = 'Dropped', done_at = new.closed_at where task_id = new.id and done_at is null;
    return null;
end
$$;

create trigger a_closed_task_drops_its_timers after update of state on review_task
    for each row when (old.state = 'Open' and new.state <> 'Open') execute function drop_timers_of_closed_task();

-- The row stays locked until the transaction ends, and gateways are told when it commits.
create function next_enforcement_generation() returns bigint language plpgsql as $$
declare
    generation bigint;
begin
    update enforcement_generation set value = value + 1 returning value into generation;
    perform pg_notify('enforcement_changed', generation::text);
    return generation;
end
$$;

create function raise_enforcement_generation() returns trigger language plpgsql as $$
begin
    perform next_enforcement_generation();
    return null;
end
$$;

create constraint trigger gateways_are_told_of_an_approval after update of approved_revision on use_case
    deferrable initially deferred for each row when (new.approved_revision is not null and new.approved_revision is distinct from old.approved_revision)
    execute function raise_enforcement_generation();

-- A decision that leaves its round open has nothing to be supported.
drop trigger approval_is_supported on approval_round;
create constraint trigger approval_is_supported after insert or update on approval_round
    deferrable initially deferred for each row when (new.status = 'Approved') execute function refuse_unsupported_approval();
