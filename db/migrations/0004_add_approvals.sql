-- Lanes and the decisions that settle them.
-- The checks repeat the rules of Approvals/ApprovalRound.cs: a hand-written insert must not be able to break them.

create schema wf;

create table wf.published_workflow (
    definition_id       text         not null,
    definition_version  int          not null check (definition_version > 0),
    sha256              text         not null check (sha256 ~ '^[0-9a-f]{64}$'),
    json                text         not null,
    published_at        timestamptz  not null,

    primary key (definition_id, definition_version)
);

create trigger published_version_is_frozen before update or delete on wf.published_workflow for each row execute function refuse_frozen_change();

create table approval_round (
    id                  uuid         primary key,
    use_case_id         uuid         not null references use_case,
    use_case_key        text         not null,
    revision_number     int          not null,
    number              int          not null check (number > 0),
    content_hash        text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    lane                text         not null check (lane in ('Fast', 'Standard', 'Full')),
    required_functions  text[]       not null,
    authors             text[]       not null check (cardinality(authors) > 0),
    status              text         not null check (status in ('Open', 'Approved', 'ChangesRequested', 'Vetoed', 'Withdrawn', 'Disputed')),
    opened_at           timestamptz  not null,
    closed_at           timestamptz,
    version             int          not null,
    event_count         int          not null,

    unique (use_case_id, number),
    foreign key (use_case_id, revision_number) references use_case_revision (use_case_id, number),
    constraint closed_at_set_exactly_when_closed check ((status = 'Open') = (closed_at is null))
);

-- Two open rounds for one use case could settle differently.
create unique index one_open_round_for_each_use_case on approval_round (use_case_id) where status = 'Open';

create table decision (
    id               uuid         primary key,
    round_id         uuid         not null references approval_round,
    function         text         not null check (function in ('Legal', 'Security', 'Privacy', 'Risk', 'Brand', 'CoeLead')),
    person_id        text         not null,
    person_name      text         not null,
    kind             text         not null check (kind in ('Approve', 'ApproveWithConditions', 'RequestChanges', 'Veto')),
    comment          text         not null check (length(comment) <= 4000),
    conditions       text[]       not null check (cardinality(conditions) <= 20),
    seen_conditions  text[]       not null,
    content_hash     text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    decided_at       timestamptz  not null,

    constraint one_decision_for_each_function unique (round_id, function),
    constraint one_decision_for_each_person unique (round_id, person_id),
    constraint only_approval_goes_without_a_comment check (kind = 'Approve' or length(trim(comment)) > 0),
    constraint conditions_belong_to_a_conditional_approval check ((kind = 'ApproveWithConditions') = (cardinality(conditions) > 0))
);

create function refuse_unfair_decision() returns trigger language plpgsql as $$
declare
    asked approval_round;
begin
    select * into asked from approval_round where id = new.round_id;
    if new.person_id = any (asked.authors) then
        raise exception 'The person who wrote or edited a revision cannot decide on it.' using constraint = 'authors_do_not_decide';
    end if;
    if new.content_hash <> asked.content_hash then
        raise exception 'A decision counts only for the content of its round.' using constraint = 'decision_is_for_the_content_of_its_round';
    end if;
    return new;
end
$$;

create trigger decision_is_fair before insert on decision for each row execute function refuse_unfair_decision();
create trigger decision_is_frozen before update or delete on decision for each row execute function refuse_frozen_change();
alter table decision enable always trigger decision_is_fair;
alter table decision enable always trigger decision_is_frozen;

create function refuse_unsupported_approval() returns trigger language plpgsql as $$
begin
    if new.status = 'Approved' and exists (
        select from unnest(new.required_functions) as needed (function)
        where not exists (
            select from decision d
            where d.round_id = new.id and d.function = needed.function and d.kind in ('Approve', 'ApproveWithConditions')
                and d.content_hash = new.content_hash))
    then
        raise exception 'A required function has not approved.' using constraint = 'approved_means_every_required_function_approved';
    end if;
    return null;
end
$$;

-- Deferred to the commit: the last decision and the settlement are saved together, in any order.
create constraint trigger approval_is_supported after insert or update on approval_round
    deferrable initially deferred for each row execute function refuse_unsupported_approval();

create table wf.lane_instance (
    id                  uuid         primary key,
    round_id            uuid         not null unique references approval_round,
    definition_id       text         not null,
    definition_version  int          not null,
    status              text         not null,
    state               jsonb        not null,
    started_at          timestamptz  not null,
    changed_at          timestamptz  not null,
    journal_length      int          not null,

    foreign key (definition_id, definition_version) references wf.published_workflow
);

create table wf.lane_journal_entry (
    instance_id  uuid         not null references wf.lane_instance,
    sequence     int          not null check (sequence > 0),
    activity     text         not null,
    event        text         not null,
    at           timestamptz  not null,
    actor_id     text         not null,

    primary key (instance_id, sequence)
);

create table review_task (
    id            uuid         primary key,
    round_id      uuid         not null references approval_round,
    instance_id   uuid         not null references wf.lane_instance,
    bookmark_id   text         not null,
    use_case_key  text         not null,
    function      text         not null,
    state         text         not null check (state in ('Open', 'Decided', 'Withdrawn')),
    opened_at     timestamptz  not null,
    due_at        timestamptz  not null,
    closed_at     timestamptz,

    constraint one_task_for_each_bookmark unique (instance_id, bookmark_id),
    constraint closed_at_set_exactly_when_closed check ((state = 'Open') = (closed_at is null))
);

-- the inbox of a function, most urgent first
create index open_task_of_function on review_task (function, due_at) where state = 'Open';
create index task_of_round on review_task (round_id);

grant usage on schema wf to portal_runtime;
grant select, insert on wf.published_workflow, wf.lane_journal_entry, decision to portal_runtime;
grant select, insert, update on wf.lane_instance, approval_round, review_task to portal_runtime;
