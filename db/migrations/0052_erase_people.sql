-- Erasing a person: somebody asks, a second person carries it out, and one function changes the rows, since several of these tables
-- are append-only for the portal. A legal hold keeps the records of a person or a use case from it, and from retention.

create table erasure (
    id            uuid         primary key,
    person_id     text         not null references person (id),
    reason        text         not null check (length(trim(reason)) between 1 and 1000),
    reference     text         not null check (length(reference) <= 100),
    state         text         not null check (state in ('Asked', 'Confirmed', 'TakenBack', 'Erased')),
    asked_by      text         not null,
    asked_at      timestamptz  not null,
    closed_by     text,
    closed_at     timestamptz,
    note          text         not null default '' check (length(note) <= 1000),
    rows          jsonb,
    version       int          not null,
    event_count   int          not null,

    constraint closed_exactly_when_no_longer_asked check ((state = 'Asked') = (closed_at is null) and (closed_at is null) = (closed_by is null)),
    constraint nobody_asks_to_be_erased_themselves check (asked_by <> person_id),
    constraint nobody_erases_themselves check (state in ('Asked', 'TakenBack') or closed_by <> person_id),
    constraint two_people_erase_a_person check (state in ('Asked', 'TakenBack') or closed_by <> asked_by),
    constraint erased_exactly_with_what_was_changed check ((state = 'Erased') = (rows is not null))
);

create unique index one_open_request_for_each_person on erasure (person_id) where state in ('Asked', 'Confirmed');
create unique index a_person_is_erased_once on erasure (person_id) where state = 'Erased';
-- the history, newest first
create index erasure_by_time on erasure (asked_at desc, id desc);

create table legal_hold (
    id            uuid         primary key,
    kind          text         not null check (kind in ('Person', 'UseCase')),
    target        text         not null check (length(target) between 1 and 300),
    reason        text         not null check (length(trim(reason)) between 1 and 1000),
    set_by        text         not null,
    set_at        timestamptz  not null,
    lifted_by     text,
    lifted_at     timestamptz,
    lift_reason   text         not null default '' check (length(lift_reason) <= 1000),
    version       int          not null,
    event_count   int          not null,

    constraint lifted_by_somebody check ((lifted_at is null) = (lifted_by is null)),
    constraint nobody_lifts_their_own_hold check (lifted_by <> set_by),
    constraint lifted_for_a_reason check (lifted_at is null or length(trim(lift_reason)) > 0)
);

create unique index one_standing_hold_for_each_thing on legal_hold (kind, target) where lifted_at is null;

create function refuse_reopened_hold() returns trigger language plpgsql as $$
begin
    if old.lifted_at is not null and new.lifted_at is distinct from old.lifted_at
        or (new.kind, new.target, new.set_by, new.set_at) is distinct from (old.kind, old.target, old.set_by, old.set_at) then
        raise exception 'A hold is only ever lifted.' using constraint = 'a_hold_is_only_lifted';
    end if;
    return new;
end
$$;

create trigger a_hold_is_only_lifted before update on legal_hold for each row execute function refuse_reopened_hold();

-- Who last wrote the note, and who triaged, were known by name only.
alter table user_feedback add triaged_by text, add note_by text;

update user_feedback f set
    triaged_by = (select e.actor_id from audit.event e
        where e.subject_type = 'feedback' and e.subject_key = f.id::text and e.action in ('FeedbackTriaged', 'FeedbackDone')
        order by e.action desc, e.subject_version desc limit 1),
    note_by = (select e.actor_id from audit.event e
        where e.subject_type = 'feedback' and e.subject_key = f.id::text and e.action in ('FeedbackTriaged', 'FeedbackDone')
        order by e.subject_version desc limit 1)
where f.triaged_at is not null;

-- Where a person's name stands beside their id, and what they wrote there. A text that is not listed stays: conditions bind
-- whoever has to meet them, and a revision is what others decided on by its hash.
create table personal_column (
    table_name   text    not null,
    person       text    not null,
    name         text,
    texts        text[]  not null,

    primary key (table_name, person)
);

insert into personal_column (table_name, person, name, texts) values
    ('public.use_case',             'created_by',         'created_by_name',         '{}'),
    ('public.use_case_revision',    'submitted_by',       'submitted_by_name',       '{}'),
    ('public.decision',             'person_id',          'person_name',             '{comment}'),
    ('public.decision',             'on_behalf_of_id',    'on_behalf_of_name',       '{}'),
    ('public.delegation',           'from_id',            'from_name',               '{reason}'),
    ('public.delegation',           'to_id',              'to_name',                 '{}'),
    ('public.review_task',          'assignee_id',        'assignee_name',           '{}'),
    ('public.condition_follow_up',  'owner_id',           'owner_name',              '{}'),
    ('public.condition_follow_up',  'reported_by',        'reported_by_name',        '{report}'),
    ('public.condition_follow_up',  'accepted_by',        'accepted_by_name',        '{}'),
    ('public.comment',              'author_id',          'author_name',             '{text}'),
    ('wf.lane_incident',            'resolved_by',        'resolved_by_name',        '{note}'),
    ('public.credential_binding',   'bound_by',           'bound_by_name',           '{}'),
    ('public.kill_switch',          'engaged_by',         'engaged_by_name',         '{reason,message,evidence}'),
    ('public.kill_switch',          'first_released_by',  'first_released_by_name',  '{}'),
    ('public.kill_switch',          'second_released_by', 'second_released_by_name', '{}'),
    ('public.approved_version',     'approved_by',        'approved_by_name',        '{}'),
    ('public.criterion_tightening', 'changed_by',         'changed_by_name',         '{reason}'),
    ('public.drill',                'started_by',         'started_by_name',         '{reason}'),
    ('public.audit_pack_job',       'requested_by',       'requested_by_name',       '{}'),
    ('public.user_feedback',        'given_by',           'given_by_name',           '{text}'),
    ('public.user_feedback',        'assignee_id',        'assignee_name',           '{}'),
    ('public.user_feedback',        'triaged_by',         'triaged_by_name',         '{}'),
    ('public.user_feedback',        'note_by',            null,                      '{note}'),
    ('telemetry.price_run',         'run_by',             'run_by_name',             '{reason}'),
    ('public.erasure',              'asked_by',           null,                      '{reason}'),
    ('public.erasure',              'closed_by',          null,                      '{note}'),
    ('public.legal_hold',           'set_by',             null,                      '{reason}'),
    ('public.legal_hold',           'lifted_by',          null,                      '{lift_reason}');

-- Only the function below makes a row here, and takes it away again in the same transaction.
create table erasure_under_way (
    transaction_id  xid8  primary key
);

create function is_erasing() returns boolean language sql stable security definer set search_path = public, pg_temp
    return exists (select from erasure_under_way where transaction_id = pg_current_xact_id_if_assigned());

create or replace function refuse_frozen_change() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and is_erasing() then
        return new;
    end if;
    raise exception 'A submitted revision is frozen.';
end
$$;

-- Erasing changes the name beside a limit, not the limit.
drop trigger a_criterion_is_only_tightened on criterion_tightening;
create trigger a_criterion_is_only_tightened before update of "limit", approved_limit on criterion_tightening
    for each row execute function refuse_looser_limit();

alter table person
    add erased_at timestamptz,
    add constraint an_erased_person_is_out check (erased_at is null or (not is_active and email is null and cardinality(roles) = 0));

create function keep_erased() returns trigger language plpgsql as $$
begin
    if (old.erased_at is not null or new.erased_at is not null) and not is_erasing() then
        raise exception 'An erased person stays erased, and is erased by two people.' using constraint = 'an_erased_person_stays_erased';
    end if;
    return new;
end
$$;

create trigger an_erased_person_stays_erased before update on person for each row execute function keep_erased();
alter table person enable always trigger an_erased_person_stays_erased;

create function refuse_unearned_erasure() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        if new.state <> 'Asked' then
            raise exception 'A request begins by being asked.' using constraint = 'erased_is_what_was_erased';
        end if;
        return new;
    end if;
    if (new.state = 'Erased') <> (old.state = 'Erased') and not is_erasing()
        or old.state in ('TakenBack', 'Erased') and new.state <> old.state
        or (new.person_id, new.asked_by, new.asked_at) is distinct from (old.person_id, old.asked_by, old.asked_at) then
        raise exception 'A request is taken back, or confirmed and carried out.' using constraint = 'erased_is_what_was_erased';
    end if;
    return new;
end
$$;

create trigger erased_is_what_was_erased before insert or update on erasure for each row execute function refuse_unearned_erasure();
alter table erasure enable always trigger erased_is_what_was_erased;

-- Whether somebody is part of the record of a use case.
create function is_part_of(who text, key text) returns boolean language sql stable set search_path = public, pg_temp as $$
    select exists (select from audit.event e where e.use_case_key = key and e.actor_id = who)
        or exists (select from use_case u where u.key = is_part_of.key and (u.created_by = who or who = any (u.editors)))
        or exists (select from review_task t where t.use_case_key = key and t.assignee_id = who)
        or exists (select from approval_round r join decision_signatory s on s.round_id = r.id where r.use_case_key = key and s.person_id = who)
        or exists (select from condition_follow_up f where f.use_case_key = key and f.owner_id = who)
        or exists (select from comment c where c.use_case_key = key and who = any (c.mentions))
        or exists (select from user_feedback f where f.use_case_key = key and f.assignee_id = who)
$$;

-- What keeps somebody from being erased: holds, and what would be left without the one who sees to it.
create function stands_against_erasure(who text, today date) returns table (kind text, thing text) language sql stable set search_path = public, pg_temp as $$
    select 'PersonHeld', h.id::text from public.legal_hold h where h.lifted_at is null and h.kind = 'Person' and h.target = who
    union
    select 'UseCaseHeld', h.target from public.legal_hold h where h.lifted_at is null and h.kind = 'UseCase' and is_part_of(who, h.target)
    union
    select 'HoldSet', case h.kind when 'UseCase' then h.target else 'a person' end from public.legal_hold h where h.lifted_at is null and h.set_by = who
    union
    select 'ErasureAsked', e.id::text from erasure e where e.state = 'Asked' and e.asked_by = who
    union
    select 'ReviewRuns', r.use_case_key from approval_round r
        where r.status = 'Open' and (who = any (r.authors) or exists (select from decision_signatory s where s.round_id = r.id and s.person_id = who))
    union
    select 'TaskTaken', t.use_case_key from review_task t where t.state = 'Open' and t.assignee_id = who
    union
    select 'StandsIn', d.function from delegation d where d.revoked_at is null and d.ends_on >= today and who in (d.from_id, d.to_id)
    union
    select 'OwnsCondition', f.use_case_key || ' C' || f.number from condition_follow_up f where f.state in ('Pending', 'Open', 'Reported') and f.owner_id = who
    union
    select 'OnlyAuthor', u.key from use_case u where u.stage in ('Draft', 'ChangesAsked') and u.editors = array[who]
    union
    select 'SwitchEngaged', case k.scope when 'UseCase' then k.target when 'All' then 'everything' else lower(k.scope) || ' ' || k.target end from kill_switch k
        where k.state <> 'Released' and who in (k.engaged_by, k.first_released_by, k.second_released_by)
    union
    select 'FixesFeedback', f.use_case_key from user_feedback f where f.state = 'Triaged' and f.assignee_id = who
    union
    select 'ReportRuns', j.subject_kind || ' ' || j.subject_key from audit_pack_job j where j.state in ('Waiting', 'Running') and j.requested_by = who
$$;

-- Printed before, they may name the person, and were perhaps handed out: what is signed is not changed.
create function reports_naming(who text) returns setof uuid language sql stable set search_path = public, pg_temp as $$
    select j.id from audit_pack_job j join person p on p.id = who
    where j.state = 'Done' and j.finished_at >= p.first_seen_at and (j.use_case_key is null or is_part_of(who, j.use_case_key))
$$;

-- All rows of one person, in the transaction in which their key is destroyed. As the owner, who alone may touch what is frozen.
create function erase_person(asked uuid) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
    request erasure;
    who text;
    full_name text;
    address text;
    mention text;
    place personal_column;
    told wf.lane_stimulus;
    gone uuid[];
    quoted text;
    counts jsonb := '{}';
    touched bigint;
    erased constant text := 'Erased person';
begin
    select * into request from erasure where id = asked for update;
    if request.state is distinct from 'Confirmed' then
        raise exception 'A person is erased after one person asked and another confirmed.' using constraint = 'asked_and_confirmed';
    end if;
    select p.id, p.name, p.email into strict who, full_name, address from person p where p.id = request.person_id for update;
    if exists (select from stands_against_erasure(who, current_date)) then
        raise exception 'Something stands against this erasure.' using constraint = 'nothing_stands_against_it';
    end if;
    insert into erasure_under_way (transaction_id) values (pg_current_xact_id());

    -- first, while rows still say whose they are: what was told of them to others
    gone := array(
        select n.id from notification n
        where n.person_id = who
            or strpos(n.title, full_name) > 0 or strpos(n.text, full_name) > 0
            or n.dedupe_key in (select 'mention/' || replace(c.id::text, '-', '') from comment c where c.author_id = who)
            or n.dedupe_key in (select 'delegated/' || replace(d.id::text, '-', '') from delegation d where d.from_id = who)
            or split_part(n.dedupe_key, '/', 1) = 'condition-reported'
                and split_part(n.dedupe_key, '/', 2) in (select replace(f.id::text, '-', '') from condition_follow_up f where f.reported_by = who)
            or split_part(n.dedupe_key, '/', 1) = 'condition-back'
                and split_part(n.dedupe_key, '/', 2) in (
                    select replace(f.id::text, '-', '') from condition_follow_up f
                    join audit.event e on e.subject_type = 'condition' and e.subject_key = f.use_case_key || '/' || f.round_number || '/C' || f.number
                    where e.action = 'ConditionSentBack' and e.actor_id = who));
    delete from outbox_message m
        where m.channel = 'email' and (m.recipient = address or m.dedupe_key in (select 'notification/' || id from unnest(gone) id)
            or strpos(m.subject, full_name) > 0 or strpos(m.body, full_name) > 0);
    get diagnostics touched = row_count;
    counts := counts || jsonb_build_object('outbox_message', touched);
    delete from notification n where n.id = any (gone);
    get diagnostics touched = row_count;
    counts := counts || jsonb_build_object('notification', touched);

    delete from review_look where person_id = who;
    get diagnostics touched = row_count;
    counts := counts || jsonb_build_object('review_look', touched);

    -- What others were answered is needed when they ask again; only the name in it goes.
    delete from idempotent_request where actor_id = who;
    get diagnostics touched = row_count;
    counts := counts || jsonb_build_object('idempotent_request', touched);
    quoted := substr(to_jsonb(full_name)::text, 2, length(to_jsonb(full_name)::text) - 2);
    update idempotent_request r set body = case
            when length(full_name) > 3 then replace(r.body, quoted, erased)
            else replace(replace(r.body, '"' || quoted || '"', '"' || erased || '"'), '@' || quoted, '@' || erased) end
        where strpos(r.body, quoted) > 0;

    -- The answer a lane was told holds the comment; told again it must give the state that is stored.
    for told in select * from wf.lane_stimulus s where s.actor_id = who and s.kind = 'Answer' and coalesce(s.body ->> 'comment', '') <> '' loop
        update wf.lane_instance i
            set state = replace(i.state::text, told.body::text, jsonb_set(told.body, '{comment}', '"[erased]"')::text)::jsonb
            where i.id = told.instance_id;
        update wf.lane_stimulus s set body = jsonb_set(told.body, '{comment}', '"[erased]"')
            where s.instance_id = told.instance_id and s.number = told.number;
    end loop;

    -- Who is mentioned is named in what others wrote, in whatever case.
    mention := '@' || regexp_replace(full_name, '([^A-Za-z0-9 ])', '\\\1', 'g');
    update comment c set text = regexp_replace(c.text, mention, '@' || erased, 'gi') where who = any (c.mentions);
    -- A draft that was never submitted is covered by no hash yet.
    update use_case u set draft = replace(u.draft::text, quoted, erased)::jsonb
        where u.latest_revision = 0 and strpos(u.draft::text, quoted) > 0;
    update erasure e set reason = replace(e.reason, full_name, erased), reference = left(replace(e.reference, full_name, erased), 100), note = replace(e.note, full_name, erased)
        where e.person_id = who;

    for place in select * from personal_column order by table_name, person loop
        execute format('update %s set %s where %I = $1', place.table_name, concat_ws(', ',
                case when place.name is not null then format('%I = $2', place.name) end,
                (select string_agg(format('%1$I = case when %1$I = '''' then %1$I when %1$I is not null then ''[erased]'' end', t), ', ') from unnest(place.texts) t)),
            place.person) using who, erased;
        get diagnostics touched = row_count;
        counts := counts || jsonb_build_object(split_part(place.table_name, '.', 2), coalesce((counts ->> split_part(place.table_name, '.', 2))::bigint, 0) + touched);
    end loop;

    update person set name = erased, email = null, wants_mail = false, business_unit = '', roles = '{}', confirmed_at = null,
            is_active = false, erased_at = clock_timestamp(), version = version + 1
        where id = who;
    counts := (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(counts || '{"person": 1}') where value <> '0');
    update erasure set state = 'Erased', rows = counts where id = asked;
    delete from erasure_under_way where transaction_id = pg_current_xact_id();
    return counts;
end
$$;

-- A held use case keeps its calls: they move to the partition of other months, and the next sweep after the hold takes them.
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
        execute format('insert into telemetry.call select * from telemetry.%I where use_case_key in (select target from public.legal_hold where kind = ''UseCase'' and lifted_at is null)', partition.relname);
        execute format('drop table telemetry.%I', partition.relname);
        dropped := dropped + 1;
    end loop;
    delete from telemetry.call_other_months where started_at < first::timestamp at time zone 'UTC'
        and (use_case_key is null or use_case_key not in (select target from public.legal_hold where kind = 'UseCase' and lifted_at is null));
    return dropped;
end
$$;

revoke all on function erase_person(uuid), is_erasing() from public;
grant execute on function erase_person(uuid), is_erasing() to portal_runtime;
grant select on personal_column to portal_runtime;
grant select, insert on erasure, legal_hold to portal_runtime;
grant update (state, closed_by, closed_at, note, version, event_count) on erasure to portal_runtime;
grant update (lifted_by, lifted_at, lift_reason, version, event_count) on legal_hold to portal_runtime;
