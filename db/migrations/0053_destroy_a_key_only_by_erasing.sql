-- Nobody but the function that erases a person destroys a key: the portal's own account could, without anybody having asked.
revoke insert, update on privacy.person_key from portal_runtime;
revoke update (wrapped_key, destroyed_at, transaction_id) on privacy.person_key from portal_runtime;
grant insert (person_id, wrapped_key) on privacy.person_key to portal_runtime;

-- The key and all rows of one person, in one transaction. As the owner, who alone may touch what is frozen.
create or replace function erase_person(asked uuid) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
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
    named text;
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

    -- Also for who never had a key: none is made for them any more.
    insert into privacy.person_key (person_id, destroyed_at) values (who, clock_timestamp())
        on conflict (person_id) do update set wrapped_key = null, destroyed_at = excluded.destroyed_at, transaction_id = excluded.transaction_id
        where person_key.wrapped_key is not null;

    -- A name within a longer word is not that name.
    named := '(^|[^[:alnum:]])' || regexp_replace(full_name, '([^[:alnum:][:space:]])', '\\\1', 'g') || '($|[^[:alnum:]])';

    -- first, while rows still say whose they are: what was told of them to others
    gone := array(
        select n.id from notification n
        where n.person_id = who
            or n.title ~ named or n.text ~ named
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
            or m.subject ~ named or m.body ~ named);
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
