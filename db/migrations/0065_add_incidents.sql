-- Incidents: what went wrong, what was done, who had to be told by when, and what is learnt from it. The timeline is only added
-- to; what an investigation needs is locked, and retention and erasure stop before the lock.

create sequence incident_number;

create table incident (
    id                   uuid         primary key,
    key                  text         not null unique check (key ~ '^INC-[0-9]{4,}$'),
    title                text         not null check (length(trim(title)) between 1 and 200),
    description          text         not null check (length(description) <= 8000),
    category             text         not null check (category in ('Malfunction', 'WrongOutput', 'Drift', 'Misuse', 'DataBreach', 'SecurityBreach', 'Performance', 'Cost', 'Other')),
    severity             text         check (severity in ('Low', 'Moderate', 'Serious', 'Critical')),
    state                text         not null check (state in ('Reported', 'Open', 'Contained', 'Resolved', 'Closed', 'Dismissed')),
    harms                text[]       not null check (harms <@ array['Death', 'Health', 'Infrastructure', 'Rights', 'Property', 'Environment', 'Money', 'Reputation']),
    is_widespread        bool         not null,
    personal_data        bool,
    risk_to_people       text         not null check (risk_to_people in ('Unknown', 'Unlikely', 'Likely', 'High')),
    people_affected      int          check (people_affected between 0 and 1000000000),
    groups_affected      text         not null check (length(groups_affected) <= 500),
    use_case_keys        text[]       not null check (cardinality(use_case_keys) <= 20),
    occurred_at          timestamptz  not null,
    detected_at          timestamptz  not null,
    aware_at             timestamptz  not null,
    reported_at          timestamptz  not null,
    reported_by          text         not null,
    reported_by_name     text         not null,
    triaged_at           timestamptz,
    contained_at         timestamptz,
    resolved_at          timestamptz,
    closed_at            timestamptz,
    what_happened        text         not null default '' check (length(what_happened) <= 8000),
    causes               text         not null default '' check (length(causes) <= 8000),
    lessons              text         not null default '' check (length(lessons) <= 8000),
    post_mortem_by       text,
    post_mortem_by_name  text,
    post_mortem_at       timestamptz,
    entry_count          int          not null,
    version              int          not null,
    event_count          int          not null,

    constraint detected_after_it_occurred check (detected_at >= occurred_at),
    constraint severity_known_once_triaged check (state in ('Reported', 'Dismissed') or severity is not null),
    constraint resolved_exactly_when_it_is check ((state in ('Resolved', 'Closed')) = (resolved_at is not null)),
    constraint closed_exactly_when_it_is check ((state = 'Closed') = (closed_at is not null)),
    constraint closed_with_its_causes check (state <> 'Closed' or length(trim(causes)) > 0),
    constraint post_mortem_written_by_somebody check ((post_mortem_at is null) = (post_mortem_by is null) and (post_mortem_by is null) = (post_mortem_by_name is null))
);

-- the list, newest first, and what is open
create index incident_by_time on incident (reported_at desc, id desc);
create index incident_by_state on incident (state, severity);
-- the incidents of a use case
create index incident_of_use_case on incident using gin (use_case_keys);

create table incident_role (
    incident_id  uuid         not null references incident (id),
    role         text         not null check (role in ('Lead', 'Investigator', 'Communications')),
    person_id    text         not null,
    person_name  text         not null,
    since        timestamptz  not null,

    primary key (incident_id, role)
);

create table incident_entry (
    id             uuid         primary key,
    incident_id    uuid         not null references incident (id),
    number         int          not null check (number between 1 and 5000),
    kind           text         not null,
    happened_at    timestamptz  not null,
    recorded_at    timestamptz  not null,
    author_id      text         not null,
    author_name    text         not null,
    text           text         not null check (length(text) between 1 and 4000),
    evidence       text         not null check (length(evidence) <= 1000),
    evidence_hash  text         check (evidence_hash ~ '^sha256:[0-9a-f]{64}$'),

    constraint entries_are_numbered unique (incident_id, number),
    constraint nothing_happens_after_it_is_written check (happened_at <= recorded_at)
);

-- One engagement of a switch belongs to one incident.
create table incident_switch (
    switch_id    uuid         not null references kill_switch (id),
    engaged_at   timestamptz  not null,
    incident_id  uuid         not null references incident (id),
    scope        text         not null,
    target       text         not null,
    generation   bigint       not null,
    by_rule      bool         not null,

    primary key (switch_id, engaged_at)
);

create index switch_of_incident on incident_switch (incident_id);

-- The incident from which a switch was engaged, or that was opened because it engaged by itself.
alter table kill_switch add column incident_key text check (incident_key ~ '^INC-[0-9]{4,}$');

create table incident_clock (
    id               uuid         primary key,
    incident_id      uuid         not null references incident (id),
    rule_id          text         not null check (length(rule_id) between 1 and 100),
    rules_version    text         not null check (length(rules_version) between 1 and 100),
    title            text         not null check (length(title) between 1 and 200),
    source           text         not null check (length(trim(source)) between 1 and 500),
    notifies         text         not null check (length(notifies) between 1 and 200),
    notified         text         not null check (length(notified) between 1 and 200),
    started_at       timestamptz  not null,
    due_at           timestamptz  not null,
    state            text         not null check (state in ('Running', 'Done', 'NotRequired')),
    warn_at          timestamptz,
    overdue_at       timestamptz,
    settled_at       timestamptz,
    settled_by       text,
    settled_by_name  text,
    reason           text         not null default '' check (length(reason) <= 2000),
    reference        text         not null default '' check (length(reference) <= 200),

    constraint one_clock_for_each_rule unique (incident_id, rule_id),
    constraint due_after_it_started check (due_at > started_at),
    constraint settled_by_somebody check ((state = 'Running') = (settled_at is null) and (settled_at is null) = (settled_by is null)),
    constraint not_required_for_a_reason check (state <> 'NotRequired' or length(trim(reason)) > 0)
);

-- what the sweep of clocks looks for
create index running_clock on incident_clock (due_at) where state = 'Running';
create index clock_to_warn_of on incident_clock (warn_at) where state = 'Running';

create table incident_action (
    id                uuid         primary key,
    incident_id       uuid         not null references incident (id),
    number            int          not null check (number between 1 and 100),
    text              text         not null check (length(trim(text)) between 1 and 1000),
    owner_id          text         not null,
    owner_name        text         not null,
    due_on            date         not null,
    state             text         not null check (state in ('Open', 'Done', 'Verified', 'Dropped')),
    opened_at         timestamptz  not null,
    done_at           timestamptz,
    note              text         not null default '' check (length(note) <= 2000),
    note_by           text,
    closed_at         timestamptz,
    closed_by         text,
    closed_by_name    text,
    overdue_told_at   timestamptz,

    constraint actions_are_numbered unique (incident_id, number),
    constraint closed_by_somebody check ((state in ('Verified', 'Dropped')) = (closed_at is not null) and (closed_at is null) = (closed_by is null)),
    constraint nobody_verifies_their_own_action check (state <> 'Verified' or closed_by <> owner_id)
);

create index open_action on incident_action (due_on) where state in ('Open', 'Done');

create table incident_message (
    id                uuid         primary key,
    incident_id       uuid         not null references incident (id),
    number            int          not null check (number between 1 and 50),
    template          text         not null check (length(template) <= 100),
    subject           text         not null check (length(trim(subject)) between 1 and 200),
    body              text         not null check (length(trim(body)) between 1 and 4000),
    state             text         not null check (state in ('Waiting', 'Sent', 'Refused')),
    drafted_by        text         not null,
    drafted_by_name   text         not null,
    drafted_at        timestamptz  not null,
    decided_by        text,
    decided_by_name   text,
    decided_at        timestamptz,
    note              text         not null default '' check (length(note) <= 1000),
    people_told       int,

    constraint messages_are_numbered unique (incident_id, number),
    constraint decided_exactly_when_no_longer_waiting check ((state = 'Waiting') = (decided_at is null) and (decided_at is null) = (decided_by is null)),
    constraint nobody_approves_their_own_message check (state <> 'Sent' or decided_by <> drafted_by)
);

-- What was there, by its hashes, and from when to when the calls of a use case are kept.
create table evidence_lock (
    id              uuid         primary key,
    incident_id     uuid         not null references incident (id),
    use_case_key    text         not null references use_case (key),
    from_at         timestamptz  not null,
    until_at        timestamptz,
    manifest        text         not null check (length(manifest) between 2 and 1000000),
    manifest_hash   text         not null check (manifest_hash ~ '^sha256:[0-9a-f]{64}$'),
    locked_by       text         not null,
    locked_by_name  text         not null,
    locked_at       timestamptz  not null,
    lifted_by       text,
    lifted_by_name  text,
    lifted_at       timestamptz,
    lift_reason     text         not null default '' check (length(lift_reason) <= 1000),

    constraint a_window_has_a_length check (until_at is null or until_at > from_at),
    constraint lifted_by_somebody_for_a_reason check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null or length(trim(lift_reason)) > 0)),
    constraint nobody_lifts_their_own_lock check (lifted_by <> locked_by)
);

create unique index one_standing_lock_of_an_incident_on_a_use_case on evidence_lock (incident_id, use_case_key) where lifted_at is null;
create index standing_lock on evidence_lock (use_case_key) where lifted_at is null;

create table runbook_step (
    id            uuid         primary key,
    incident_id   uuid         not null references incident (id),
    runbook       text         not null check (length(runbook) between 1 and 100),
    runbook_hash  text         not null,
    number        int          not null check (number between 1 and 100),
    text          text         not null check (length(text) between 1 and 1000),
    due_at        timestamptz,
    started_at    timestamptz  not null,
    state         text         not null check (state in ('Open', 'Done', 'Skipped')),
    settled_at    timestamptz,
    settled_by       text,
    settled_by_name  text,
    note          text         not null default '' check (length(note) <= 1000),

    constraint one_step_of_a_runbook unique (incident_id, runbook, number),
    constraint settled_exactly_when_no_longer_open check ((state = 'Open') = (settled_at is null) and (settled_at is null) = (settled_by is null)),
    constraint skipped_for_a_reason check (state <> 'Skipped' or length(trim(note)) > 0)
);

create table operations_review (
    id            uuid         primary key,
    week          text         not null unique check (week ~ '^[0-9]{4}-W[0-9]{2}$'),
    incident_key  text,
    risk_kind     text         not null,
    risk_thing    text         not null check (length(risk_thing) <= 200),
    note          text         not null check (length(trim(note)) between 1 and 4000),
    held_by       text         not null,
    held_by_name  text         not null,
    held_at       timestamptz  not null,
    version       int          not null,
    event_count   int          not null
);

-- Clock rules as they were taken into force: immutable, so that the last good version outlives a broken file.
create table clock_rules (
    version         text         primary key check (length(version) between 1 and 100),
    effective_from  date         not null,
    sha256          text         not null check (length(sha256) = 64),
    yaml            text         not null check (length(yaml) <= 200000),
    published_at    timestamptz  not null
);

-- What is written stays; only the name beside it goes when a person is erased.
create function refuse_rewriting() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and is_erasing() then
        return new;
    end if;
    raise exception 'What was written here is only added to.' using constraint = 'only_added_to';
end
$$;

create trigger only_added_to before update or delete on incident_entry for each row execute function refuse_rewriting();
create trigger only_added_to before update or delete on incident_switch for each row execute function refuse_rewriting();
create trigger only_added_to before update or delete on clock_rules for each row execute function refuse_rewriting();
create trigger only_added_to before delete on incident for each row execute function refuse_rewriting();
create trigger only_added_to before delete on evidence_lock for each row execute function refuse_rewriting();
alter table incident_entry enable always trigger only_added_to;
alter table evidence_lock enable always trigger only_added_to;

create function refuse_looser_lock() returns trigger language plpgsql as $$
begin
    if (old.lifted_at is not null and new.lifted_at is distinct from old.lifted_at)
        or (new.incident_id, new.use_case_key, new.from_at, new.until_at, new.manifest, new.manifest_hash, new.locked_by, new.locked_at)
            is distinct from (old.incident_id, old.use_case_key, old.from_at, old.until_at, old.manifest, old.manifest_hash, old.locked_by, old.locked_at) then
        raise exception 'What is locked is only ever released as a whole.' using constraint = 'a_lock_is_only_lifted';
    end if;
    return new;
end
$$;

create trigger a_lock_is_only_lifted before update on evidence_lock for each row execute function refuse_looser_lock();
alter table evidence_lock enable always trigger a_lock_is_only_lifted;

create function refuse_reopened_clock() returns trigger language plpgsql as $$
begin
    if old.state <> 'Running' and new.state <> old.state
        or (new.incident_id, new.rule_id, new.source) is distinct from (old.incident_id, old.rule_id, old.source) then
        raise exception 'A clock is settled once.' using constraint = 'a_clock_is_settled_once';
    end if;
    return new;
end
$$;

create trigger a_clock_is_settled_once before update on incident_clock for each row execute function refuse_reopened_clock();

insert into personal_column (table_name, person, name, texts) values
    ('public.incident',           'reported_by',    'reported_by_name',    '{title,description}'),
    ('public.incident',           'post_mortem_by', 'post_mortem_by_name', '{what_happened,causes,lessons}'),
    ('public.incident_role',      'person_id',      'person_name',         '{}'),
    ('public.incident_entry',     'author_id',      'author_name',         '{text,evidence}'),
    ('public.incident_clock',     'settled_by',     'settled_by_name',     '{reason,reference}'),
    ('public.incident_action',    'owner_id',       'owner_name',          '{}'),
    ('public.incident_action',    'note_by',        null,                  '{note}'),
    ('public.incident_action',    'closed_by',      'closed_by_name',      '{}'),
    ('public.incident_message',   'drafted_by',     'drafted_by_name',     '{}'),
    ('public.incident_message',   'decided_by',     'decided_by_name',     '{note}'),
    ('public.evidence_lock',      'locked_by',      'locked_by_name',      '{}'),
    ('public.evidence_lock',      'lifted_by',      'lifted_by_name',      '{lift_reason}'),
    ('public.runbook_step',       'settled_by',     'settled_by_name',     '{note}'),
    ('public.operations_review',  'held_by',        'held_by_name',        '{note}');

-- Whose calls are kept, and from when to when: by a legal hold all of them, by an evidence lock those of its window.
create view telemetry.held (use_case_key, from_at, until_at) as
    select target, '-infinity'::timestamptz, 'infinity'::timestamptz from public.legal_hold where kind = 'UseCase' and lifted_at is null
    union all
    select use_case_key, from_at, coalesce(until_at, 'infinity') from public.evidence_lock where lifted_at is null;

create or replace function telemetry.drop_months_before(month date) returns int language plpgsql security definer set search_path = pg_catalog as $$
declare
    first date := date_trunc('month', month)::date;
    dropped int := 0;
    partition record;
begin
    if month > current_date - 27 then
        raise exception 'Calls of the last four weeks are never dropped.' using constraint = 'recent_calls_are_kept';
    end if;
    perform pg_advisory_xact_lock(hashtext('telemetry.months'));
    perform set_config('lock_timeout', '5s', true);
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'telemetry.call'::regclass and c.relname ~ '^call_\d{4}_\d{2}$' and to_date(substring(c.relname from 6), 'YYYY_MM') < first
    loop
        execute format('alter table telemetry.call detach partition telemetry.%I', partition.relname);
        execute format('insert into telemetry.call select * from telemetry.%I c where exists (select from telemetry.held h where h.use_case_key = c.use_case_key and c.started_at between h.from_at and h.until_at)', partition.relname);
        execute format('drop table telemetry.%I', partition.relname);
        dropped := dropped + 1;
    end loop;
    delete from telemetry.call_other_months c where c.started_at < first::timestamp at time zone 'UTC'
        and not exists (select from telemetry.held h where h.use_case_key = c.use_case_key and c.started_at between h.from_at and h.until_at);
    return dropped;
end
$$;

-- What stood against an erasure before, and now an investigation too.
alter function stands_against_erasure(text, date) rename to stands_against_erasure_before_incidents;

create function stands_against_erasure(who text, today date) returns table (kind text, thing text) language sql stable set search_path = public, pg_temp as $$
    select * from stands_against_erasure_before_incidents(who, today)
    union
    select 'EvidenceLocked', i.key from evidence_lock l join incident i on i.id = l.incident_id where l.lifted_at is null and is_part_of(who, l.use_case_key)
    union
    select 'LockSet', i.key from evidence_lock l join incident i on i.id = l.incident_id where l.lifted_at is null and l.locked_by = who
    union
    select 'HandlesIncident', i.key from incident_role r join incident i on i.id = r.incident_id where i.state not in ('Closed', 'Dismissed') and r.person_id = who
    union
    select 'OwnsIncidentAction', i.key || ' A' || a.number from incident_action a join incident i on i.id = a.incident_id where a.state in ('Open', 'Done') and a.owner_id = who
    union
    select 'MessageWaits', i.key from incident_message m join incident i on i.id = m.incident_id where m.state = 'Waiting' and m.drafted_by = who
$$;

alter table audit_pack_job drop constraint audit_pack_job_subject_kind_check;
alter table audit_pack_job add constraint audit_pack_job_subject_kind_check check (subject_kind in ('UseCase', 'Period', 'Portfolio', 'Drill', 'Incident', 'Exercise'));

grant usage on sequence incident_number to portal_runtime;
grant select on telemetry.held to portal_runtime;
grant select, insert on incident_entry, incident_switch, clock_rules, operations_review to portal_runtime;
grant select, insert, update on incident, incident_role, incident_clock, incident_action, incident_message, runbook_step to portal_runtime;
grant select, insert on evidence_lock to portal_runtime;
grant update (lifted_by, lifted_by_name, lifted_at, lift_reason) on evidence_lock to portal_runtime;
