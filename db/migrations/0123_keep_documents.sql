-- Papers that belong to a use case: contracts, test reports, opinions. What one holds never changes; a better one is another one.
-- One that is withdrawn loses its content only while nobody can have relied on it.

create table use_case_document (
    id                 uuid         primary key,
    use_case_key       text         not null references use_case (key),
    number             int          not null check (number between 1 and 200),
    title              text         not null check (length(trim(title)) between 1 and 200),
    file_name          text         not null check (length(file_name) between 1 and 120),
    media_type         text         not null check (media_type in ('application/pdf', 'image/png', 'image/jpeg', 'application/json', 'text/plain')),
    length             int          not null check (length between 1 and 10485760),
    content_hash       text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    keys_taken         boolean      not null,
    added_by           text         not null,
    added_by_name      text         not null,
    added_at           timestamptz  not null,
    withdrawn_by       text,
    withdrawn_by_name  text,
    withdrawn_at       timestamptz,
    reason             text         not null check (length(reason) <= 1000),
    is_kept            boolean      not null,
    version            int          not null,
    event_count        int          not null,

    constraint documents_of_a_use_case_are_numbered unique (use_case_key, number),
    constraint withdrawn_by_somebody_for_a_reason check ((withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_by_name is null) and (withdrawn_at is null) = (trim(reason) = '')),
    constraint what_counts_is_kept check (is_kept or withdrawn_at is not null)
);

create table use_case_document_file (
    document_id  uuid   primary key references use_case_document (id),
    content      bytea  not null check (length(content) between 1 and 10485760)
);

create function refuse_other_document() returns trigger language plpgsql as $$
begin
    if not exists (select from use_case_document d where d.id = new.document_id and d.length = length(new.content) and d.content_hash = 'sha256:' || encode(sha256(new.content), 'hex')) then
        raise exception 'The file is not the one that its document tells of.' using constraint = 'a_document_is_what_it_says';
    end if;
    return new;
end
$$;

create function refuse_return_of_document() returns trigger language plpgsql as $$
begin
    if old.withdrawn_at is not null and not is_erasing() then
        raise exception 'A withdrawn document stays withdrawn.' using constraint = 'a_withdrawn_document_stays_withdrawn';
    end if;
    return new;
end
$$;

-- Something was submitted or decided since it was there, or is to be kept whatever happens.
create function is_relied_on(document uuid) returns boolean language sql stable as $$
    select exists (
        select from use_case_document d join use_case u on u.key = d.use_case_key
        where d.id = document and (
            exists (select from use_case_revision r where r.use_case_id = u.id and r.submitted_at >= d.added_at)
            or exists (select from approval_round a join decision c on c.round_id = a.id where a.use_case_id = u.id and c.decided_at >= d.added_at)
            or exists (select from stage_gate_answer g where g.use_case_key = d.use_case_key and g.decided_at >= d.added_at)
            or exists (select from telemetry.held h where h.use_case_key = d.use_case_key)))
$$;

create function refuse_loss_of_document() returns trigger language plpgsql as $$
begin
    if is_relied_on(old.document_id) or exists (select from use_case_document d where d.id = old.document_id and d.is_kept) then
        raise exception 'Somebody may have relied on this document: its content stays.' using constraint = 'what_was_relied_on_stays';
    end if;
    return old;
end
$$;

-- What is being decided on does not go underneath: the review ends first, in the same transaction.
create function refuse_withdrawal_under_review() returns trigger language plpgsql as $$
begin
    if exists (
        select from approval_round r join use_case_revision v on v.use_case_id = r.use_case_id and v.number = r.revision_number
        where r.status = 'Open' and r.topic = 'Proposal' and v.records @> jsonb_build_array(jsonb_build_object('key', new.use_case_key || '/D' || new.number))) then
        raise exception 'A record that is being decided on does not change.' using constraint = 'a_record_under_review_does_not_change';
    end if;
    return null;
end
$$;

create constraint trigger a_document_under_review_is_not_withdrawn after update on use_case_document deferrable initially deferred
    for each row when (new.withdrawn_at is distinct from old.withdrawn_at) execute function refuse_withdrawal_under_review();
alter table use_case_document enable always trigger a_document_under_review_is_not_withdrawn;
create trigger a_withdrawn_document_stays_withdrawn before update on use_case_document for each row execute function refuse_return_of_document();
alter table use_case_document enable always trigger a_withdrawn_document_stays_withdrawn;
create trigger a_document_is_what_it_says before insert on use_case_document_file for each row execute function refuse_other_document();
alter table use_case_document_file enable always trigger a_document_is_what_it_says;
create trigger only_added_to before update on use_case_document_file for each row execute function refuse_rewriting();
alter table use_case_document_file enable always trigger only_added_to;
create trigger what_was_relied_on_stays before delete on use_case_document_file for each row execute function refuse_loss_of_document();
alter table use_case_document_file enable always trigger what_was_relied_on_stays;

insert into personal_column (table_name, person, name, texts) values
    ('public.use_case_document', 'added_by',     'added_by_name',     '{title,file_name}'),
    ('public.use_case_document', 'withdrawn_by', 'withdrawn_by_name', '{reason}');

grant select, insert on use_case_document, use_case_document_file to portal_runtime;
grant update (withdrawn_by, withdrawn_by_name, withdrawn_at, reason, is_kept, version, event_count) on use_case_document to portal_runtime;
grant delete on use_case_document_file to portal_runtime;
