-- Authors invite others as editors of their one-pager, and take them off it again. Whoever was taken off still had a hand in it
-- and decides on nothing of it; and a draft is out of date only when its text changed, not when somebody was invited meanwhile.

alter table use_case
    add former_editors  text[]  not null default '{}',
    add draft_version   int     not null default 0,
    add constraint nobody_is_editor_and_former_editor check (not editors && former_editors);
update use_case set draft_version = version;
alter table use_case alter former_editors drop default, alter draft_version drop default;

create or replace function refuse_own_sample() returns trigger language plpgsql as $$
begin
    if new.reviewed_by is distinct from old.reviewed_by and not is_erasing()
        and exists (select from use_case u where u.key = new.use_case_key and new.reviewed_by = any (u.editors || u.former_editors)) then
        raise exception 'Who wrote a use case does not review its sample.' using constraint = 'authors_do_not_review_their_sample';
    end if;
    return new;
end
$$;

create or replace function refuse_unfair_override() returns trigger language plpgsql as $$
begin
    if is_erasing() then
        return new;
    end if;
    if exists (select from use_case u where u.key = new.use_case_key
            and (new.proposed_by = any (u.editors || u.former_editors) and tg_op = 'INSERT' or new.decided_by = any (u.editors || u.former_editors) and new.state = 'Confirmed')) then
        raise exception 'Who wrote a use case does not override how it is judged.' using constraint = 'authors_do_not_override_their_judgement';
    end if;
    if tg_op = 'UPDATE' and ((new.class_before, new.lane_before, new.class_to, new.lane_to, new.reason, new.proposed_by) is distinct from
            (old.class_before, old.lane_before, old.class_to, old.lane_to, old.reason, old.proposed_by) or old.state in ('Refused', 'Ended')) then
        raise exception 'What is proposed stays as it was proposed.' using constraint = 'an_override_is_decided_not_changed';
    end if;
    return new;
end
$$;

create or replace function is_part_of(who text, key text) returns boolean language sql stable set search_path = public, pg_temp as $$
    select exists (select from audit.event e where e.use_case_key = key and e.actor_id = who)
        or exists (select from use_case u where u.key = is_part_of.key and (u.created_by = who or who = any (u.editors || u.former_editors)))
        or exists (select from review_task t where t.use_case_key = key and t.assignee_id = who)
        or exists (select from approval_round r join decision_signatory s on s.round_id = r.id where r.use_case_key = key and s.person_id = who)
        or exists (select from condition_follow_up f where f.use_case_key = key and f.owner_id = who)
        or exists (select from comment c where c.use_case_key = key and who = any (c.mentions))
        or exists (select from user_feedback f where f.use_case_key = key and f.assignee_id = who)
$$;
