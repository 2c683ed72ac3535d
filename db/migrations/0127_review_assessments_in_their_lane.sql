-- A review may be about an impact assessment: then its content is that text, and it is asked for again once the text has changed.

alter table approval_round
    drop constraint approval_round_topic_check,
    add constraint approval_round_topic_check check (topic in ('Proposal', 'Promotion', 'Dpia')),
    drop constraint a_topic_is_reviewed_once,
    drop constraint approval_round_topic_id_fkey,
    add promotion_id uuid generated always as (case when topic = 'Promotion' then topic_id end) stored references promotion,
    add dpia_id      uuid generated always as (case when topic = 'Dpia' then topic_id end) stored references dpia;
create unique index a_promotion_is_reviewed_once on approval_round (promotion_id);
create unique index one_open_round_for_each_assessment on approval_round (dpia_id) where status = 'Open';
-- each save of an assessment asks whether its lane runs, and its page for the newest
create index round_of_topic on approval_round (topic_id) where topic_id is not null;

alter table dpia
    drop constraint dpia_waits_for_check,
    add constraint dpia_waits_for_check check (waits_for in ('Advice', 'Answer', 'Signature', 'Review')),
    drop constraint due_exactly_while_it_waits,
    -- In its lane the tasks have their days.
    add constraint due_exactly_while_it_waits check ((coalesce(waits_for, 'Review') = 'Review') = (due_at is null));

-- What people of its lane decide on does not change under them.
create function refuse_change_in_its_lane() returns trigger language plpgsql as $$
begin
    if new.content_hash <> old.content_hash and exists (select from approval_round r where r.dpia_id = new.id and r.status = 'Open') then
        raise exception 'An assessment that is being decided on does not change.' using constraint = 'a_record_under_review_does_not_change';
    end if;
    return null;
end
$$;

create constraint trigger assessment_under_review_is_frozen after update of content_hash on dpia
    deferrable initially deferred for each row execute function refuse_change_in_its_lane();
alter table dpia enable always trigger assessment_under_review_is_frozen;
