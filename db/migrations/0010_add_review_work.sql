-- The human side of a review: who has taken a task, who stands in for whom, what a condition asks of whom, and what was said.
-- A person stands behind one decision of a round at most, whether they decided or somebody decided for them.

alter table person add confirmed_at timestamptz;

alter table approval_round
    add tier            text,
    add lifts_veto_of   int,
    add constraint a_lifted_veto_is_of_an_earlier_round check (lifts_veto_of between 1 and number - 1),
    drop constraint approval_round_status_check,
    add constraint approval_round_status_check
        check (status in ('Open', 'Approved', 'ChangesRequested', 'Vetoed', 'Withdrawn', 'Disputed', 'Cancelled'));

update approval_round r set tier = initcap(v.assessment ->> 'tier')
    from use_case_revision v where v.use_case_id = r.use_case_id and v.number = r.revision_number;

-- The check of approvals waits for the commit; a table that it still has to look at cannot be altered.
set constraints all immediate;

alter table approval_round
    alter tier set not null,
    add constraint approval_round_tier_check check (tier in ('Low', 'Medium', 'High'));

alter table review_task
    add assignee_id       text,
    add assignee_name     text,
    add claimed_at        timestamptz,
    add escalation_level  int  not null default 0 check (escalation_level between 0 and 5),
    add constraint claimed_at_set_exactly_when_claimed check ((assignee_id is null) = (claimed_at is null));

alter table decision
    add on_behalf_of_id    text,
    add on_behalf_of_name  text,
    add confirmed_at       timestamptz,
    add constraint nobody_stands_in_for_themselves check (on_behalf_of_id <> person_id),
    add constraint stood_in_for_a_named_person check ((on_behalf_of_id is null) = (on_behalf_of_name is null));

create table decision_signatory (
    round_id     uuid  not null references approval_round,
    person_id    text  not null,
    decision_id  uuid  not null references decision,

    constraint one_decision_stands_behind_a_person primary key (round_id, person_id)
);

insert into decision_signatory (round_id, person_id, decision_id) select round_id, person_id, id from decision;

create or replace function refuse_unfair_decision() returns trigger language plpgsql as $$
declare
    asked approval_round;
begin
    select * into asked from approval_round where id = new.round_id;
    if new.person_id = any (asked.authors) or new.on_behalf_of_id = any (asked.authors) then
        raise exception 'The person who wrote or edited a revision cannot decide on it, nor have it decided for them.' using constraint = 'authors_do_not_decide';
    end if;
    if new.content_hash <> asked.content_hash then
        raise exception 'A decision counts only for the content of its round.' using constraint = 'decision_is_for_the_content_of_its_round';
    end if;
    if asked.tier = 'High' and (new.confirmed_at is null or new.confirmed_at < new.decided_at - interval '5 minutes') then
        raise exception 'A decision on a high-risk use case needs a fresh sign-in.' using constraint = 'high_risk_is_decided_by_somebody_just_confirmed';
    end if;
    return new;
end
$$;

-- As the owner: the portal itself can neither add nor remove a signatory.
create function note_signatories() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into decision_signatory (round_id, person_id, decision_id)
        select new.round_id, who, new.id from unnest(array[new.person_id, new.on_behalf_of_id]) as who where who is not null;
    return null;
end
$$;

create trigger decision_notes_its_signatories after insert on decision for each row execute function note_signatories();
create trigger signatory_is_frozen before update or delete on decision_signatory for each row execute function refuse_frozen_change();
alter table decision enable always trigger decision_notes_its_signatories;
alter table decision_signatory enable always trigger signatory_is_frozen;

create table delegation (
    id           uuid         primary key,
    from_id      text         not null,
    from_name    text         not null,
    to_id        text         not null,
    to_name      text         not null,
    function     text         not null check (function in ('Legal', 'Security', 'Privacy', 'Risk', 'Brand', 'CoeLead')),
    task_id      uuid         references review_task,
    starts_on    date         not null,
    ends_on      date         not null,
    reason       text         not null check (length(trim(reason)) between 1 and 1000),
    created_at   timestamptz  not null,
    revoked_at   timestamptz,
    version      int          not null,
    event_count  int          not null,

    constraint nobody_delegates_to_themselves check (from_id <> to_id),
    constraint a_delegation_ends_within_thirty_days check (ends_on between starts_on and starts_on + 30)
);

-- who may act for the holder of a task today
create index delegation_in_force on delegation (to_id, ends_on) where revoked_at is null;
create index delegation_given on delegation (from_id, created_at desc);

create table condition_follow_up (
    id                 uuid         primary key,
    decision_id        uuid         not null references decision,
    round_id           uuid         not null references approval_round,
    use_case_key       text         not null references use_case (key),
    round_number       int          not null check (round_number > 0),
    number             int          not null check (number > 0),
    function           text         not null,
    text               text         not null check (length(text) between 1 and 500),
    owner_id           text         not null,
    owner_name         text         not null,
    due_on             date         not null,
    state              text         not null check (state in ('Pending', 'Open', 'Reported', 'Met', 'Void')),
    set_by             text         not null,
    report             text         check (length(report) <= 4000),
    reported_by        text,
    reported_by_name   text,
    reported_at        timestamptz,
    accepted_by        text,
    accepted_by_name   text,
    accepted_at        timestamptz,
    version            int          not null,
    event_count        int          not null,

    unique (round_id, number),
    constraint met_only_after_a_report check (state not in ('Reported', 'Met') or (reported_by is not null and report is not null)),
    constraint met_only_when_accepted check ((state = 'Met') = (accepted_by is not null)),
    constraint nobody_accepts_their_own_report check (accepted_by <> reported_by)
);

create index follow_up_of_use_case on condition_follow_up (use_case_key, due_on);
create index open_follow_up_of_owner on condition_follow_up (owner_id, due_on) where state in ('Open', 'Reported');
create index reported_follow_up_of_function on condition_follow_up (function, due_on) where state = 'Reported';

create table review_timer (
    id            uuid         primary key,
    task_id       uuid         references review_task,
    follow_up_id  uuid         references condition_follow_up,
    kind          text         not null check (kind in ('Remind', 'Escalate')),
    due_at        timestamptz  not null,
    state         text         not null check (state in ('Pending', 'Fired', 'Dropped')),
    done_at       timestamptz,

    constraint a_timer_is_of_one_thing check (num_nonnulls(task_id, follow_up_id) = 1),
    constraint done_at_set_exactly_when_done check ((state = 'Pending') = (done_at is null))
);

-- the sweep: what is due, longest overdue first
create index pending_timer on review_timer (due_at) where state = 'Pending';
create index timer_of_task on review_timer (task_id) where task_id is not null;
create index timer_of_follow_up on review_timer (follow_up_id) where follow_up_id is not null;

-- Tasks that are open already escalate as new ones do, a day after they were due.
insert into review_timer (id, task_id, kind, due_at, state)
    select gen_random_uuid(), id, 'Escalate', due_at + interval '1 day', 'Pending' from review_task where state = 'Open';

-- What somebody has looked at, so that the next revision can be shown as the difference to it.
create table review_look (
    person_id        text         not null,
    use_case_id      uuid         not null references use_case,
    revision_number  int          not null,
    looked_at        timestamptz  not null,
    seen             text[]       not null default '{}' check (cardinality(seen) <= 200),

    primary key (person_id, use_case_id, revision_number)
);

create table comment (
    id             uuid         primary key,
    use_case_key   text         not null references use_case (key),
    revision       int          not null check (revision >= 0),
    author_id      text         not null,
    author_name    text         not null,
    text           text         not null check (length(trim(text)) between 1 and 4000),
    mentions       text[]       not null check (cardinality(mentions) <= 20),
    written_at     timestamptz  not null,
    retracted_at   timestamptz,
    version        int          not null,
    event_count    int          not null
);

create index comment_of_use_case on comment (use_case_key, written_at);

-- Every stimulus an instance was given: told again, they give the same state.
create table wf.lane_stimulus (
    instance_id         uuid         not null references wf.lane_instance,
    number              int          not null check (number > 0),
    kind                text         not null check (kind in ('Start', 'Answer', 'Cancel', 'Retry', 'Upgrade')),
    definition_version  int          not null,
    bookmark_id         text,
    body                jsonb,
    at                  timestamptz  not null,
    actor_id            text         not null,

    primary key (instance_id, number)
);

create table wf.lane_incident (
    id                uuid         primary key,
    instance_id       uuid         not null references wf.lane_instance,
    kind              text         not null check (kind in ('Faulted', 'Disputed')),
    activity          text,
    message           text         not null check (length(message) <= 4000),
    raised_at         timestamptz  not null,
    resolved_at       timestamptz,
    resolution        text         check (resolution in ('Retried', 'Cancelled')),
    note              text         check (length(note) <= 1000),
    resolved_by       text,
    resolved_by_name  text,

    constraint resolved_by_somebody_for_a_reason check
        ((resolved_at is null) = (resolution is null) and (resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (note is null))
);

create index unresolved_incident on wf.lane_incident (raised_at) where resolved_at is null;
create index incident_of_instance on wf.lane_incident (instance_id);

alter table wf.lane_instance
    add stimulus_count  int  not null default 0,
    add constraint lane_instance_status_check
        check (status in ('Running/Suspended', 'Finished/Finished', 'Finished/Cancelled', 'Finished/Faulted'));

-- the list of instances, newest change first, and by status
create index instance_by_change on wf.lane_instance (changed_at desc);
create index instance_by_status on wf.lane_instance (status, changed_at desc);
create index instance_of_definition on wf.lane_instance (definition_id, definition_version);

create trigger stimulus_is_frozen before update or delete on wf.lane_stimulus for each row execute function refuse_frozen_change();
create trigger journal_entry_is_frozen before update or delete on wf.lane_journal_entry for each row execute function refuse_frozen_change();

grant select on decision_signatory to portal_runtime;
grant select, insert on wf.lane_stimulus to portal_runtime;
grant select, insert, update on delegation, condition_follow_up, review_timer, review_look, comment, wf.lane_incident to portal_runtime;
