-- A review is about a revision, or about a promotion: then its content is the artefact, and the revision the one in force.
-- Promotions that were asked for before keep what was decided on them; one that is still open is asked again when it is asked for.

alter table approval_round
    add topic       text  not null default 'Proposal' check (topic in ('Proposal', 'Promotion')),
    add topic_id    uuid  references promotion,
    add topic_name  text  not null default '' check (length(topic_name) <= 400),
    add constraint a_topic_is_named check ((topic = 'Proposal') = (topic_id is null) and (topic = 'Proposal') = (topic_name = '')),
    add constraint a_topic_is_reviewed_once unique (topic_id);
alter table approval_round alter topic drop default, alter topic_name drop default;

drop index one_open_round_for_each_use_case;
create unique index one_open_round_for_each_use_case on approval_round (use_case_id) where status = 'Open' and topic = 'Proposal';

alter table promotion drop constraint promotion_state_check;
alter table promotion add constraint promotion_state_check check (state in ('Open', 'Approved', 'SentBack', 'Vetoed', 'Withdrawn'));

create or replace function refuse_change_under_review() returns trigger language plpgsql as $$
begin
    if new.content_hash <> old.content_hash and exists (
        select from approval_round r join use_case_revision v on v.use_case_id = r.use_case_id and v.number = r.revision_number
        where r.status = 'Open' and r.topic = 'Proposal' and v.records @> jsonb_build_array(jsonb_build_object('key', old.key, 'hash', old.content_hash))) then
        raise exception 'A record that is being decided on does not change.' using constraint = 'a_record_under_review_does_not_change';
    end if;
    return null;
end
$$;

-- A promotion that the board has a lane for is approved only by that lane.
create function refuse_unsupported_promotion() returns trigger language plpgsql as $$
begin
    if new.state = 'Approved' and not exists (
        select from approval_round r where r.topic_id = new.id and r.status = 'Approved' and r.content_hash = new.artefact_hash) then
        raise exception 'The board has not agreed to this promotion.' using constraint = 'approved_means_the_board_agreed';
    end if;
    return null;
end
$$;

create constraint trigger promotion_is_supported after insert or update of state on promotion
    deferrable initially deferred for each row execute function refuse_unsupported_promotion();
alter table promotion enable always trigger promotion_is_supported;

-- Nothing is decided there any more.
revoke insert on promotion_decision from portal_runtime;
