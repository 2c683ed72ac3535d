-- Campaigns that look for the AI tools people really use: what was imported, what was found, what becomes of it, and who signed.
-- Nobody is named in the clear: people are pseudonyms of a key of the campaign, their names sealed, and answers belong to nobody.

create sequence shadow_campaign_number;

create table campaign (
    id                  uuid         primary key,
    key                 text         not null unique check (key ~ '^SC-[0-9]{4,}$'),
    title               text         not null check (length(title) between 1 and 120),
    quarter             text         not null check (quarter ~ '^[0-9]{4}-Q[1-4]$'),
    is_quarterly        boolean      not null,
    departments         text[]       not null check (cardinality(departments) between 1 and 300),
    sources             text[]       not null check (cardinality(sources) between 1 and 5),
    unseen              text         not null check (length(unseen) <= 2000),
    unseen_by           text,
    from_on             date         not null,
    due_on              date         not null,
    owner_id            text         not null,
    owner_name          text         not null,
    state               text         not null check (state in ('Open', 'Closed')),
    previous_id         uuid         references campaign (id),
    rules_version       text         not null,
    currency            text         check (currency ~ '^[A-Z]{3}$'),
    department_lines    int          not null check (department_lines >= 0),
    opened_at           timestamptz  not null,
    closed_at           timestamptz,
    closed_hash         text         check (closed_hash ~ '^sha256:[0-9a-f]{64}$'),
    names_destroyed_at  timestamptz,
    survey_released_on  date,
    version             int          not null,
    event_count         int          not null,

    constraint closed_with_what_was_signed check ((state = 'Closed') = (closed_at is not null) and (closed_at is null) = (closed_hash is null)),
    constraint names_are_destroyed_after_closing check (names_destroyed_at is null or closed_at is not null)
);

-- whoever opens it: a job on two nodes, or a person before it
create unique index one_campaign_each_quarter on campaign (quarter) where is_quarterly;
create index campaign_by_time on campaign (opened_at desc);

create table campaign_signature (
    campaign_id   uuid         not null references campaign (id),
    number        int          not null check (number between 1 and 1000),
    function      text         not null,
    person_id     text         not null,
    person_name   text         not null,
    note          text         not null check (length(note) <= 1000),
    content_hash  text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    signed_at     timestamptz  not null,

    primary key (campaign_id, number),
    constraint one_signature_of_a_person_for_a_content unique (campaign_id, content_hash, person_id),
    constraint one_signature_of_a_function_for_a_content unique (campaign_id, content_hash, function)
);

create table tool_finding (
    id                uuid            primary key,
    campaign_id       uuid            not null references campaign (id),
    campaign_key      text            not null references campaign (key),
    number            int             not null check (number >= 1),
    tool_id           text            not null check (length(tool_id) between 1 and 300),
    name              text            not null check (length(name) between 1 and 120),
    vendor            text            not null check (length(vendor) <= 200),
    department        text            not null check (length(department) between 1 and 100),
    is_look_alike     boolean         not null,
    sources           text[]          not null,
    people            int             not null check (people >= 0),
    addresses         int             not null check (addresses >= 0),
    answers           int             not null check (answers >= 0),
    requests          bigint          not null check (requests >= 0),
    blocked_requests  bigint          not null check (blocked_requests between 0 and requests),
    bytes             bigint          not null check (bytes >= 0),
    spend             numeric(24, 4),
    first_seen        timestamptz,
    last_seen         timestamptz,
    seen_on           date[]          not null,
    most_sensitive    text,
    risk              int             not null check (risk between 0 and 100),
    risk_level        text            not null check (risk_level in ('Low', 'Medium', 'High')),
    risk_points       jsonb           not null,
    disposition       text            not null check (disposition in ('Undecided', 'Approved', 'Replaced', 'Restricted', 'Blocked', 'Exception')),
    replaced_by       text            check (length(replaced_by) between 1 and 120),
    reason            text            not null check (length(reason) <= 1000),
    owner_id          text,
    owner_name        text,
    due_on            date,
    until             date,
    decided_by        text,
    decided_by_name   text,
    decided_at        timestamptz,
    done_by           text,
    done_by_name      text,
    done_at           timestamptz,
    ended_at          timestamptz,
    use_case_key      text            references use_case (key),
    is_carried_over   boolean         not null,
    version           int             not null,
    event_count       int             not null,

    constraint one_finding_for_a_tool_in_a_department unique (campaign_id, tool_id, department),
    constraint one_number_for_a_finding unique (campaign_id, number),
    constraint decided_with_owner_reason_and_deadline check (
        (disposition = 'Undecided') = (decided_at is null) and (decided_at is null) = (owner_id is null) and (decided_at is null) = (due_on is null) and (decided_at is null or reason <> '')),
    constraint only_an_exception_ends check ((disposition = 'Exception') = (until is not null) and (ended_at is null or disposition = 'Exception')),
    constraint replaced_by_something check ((disposition = 'Replaced') = (replaced_by is not null)),
    constraint what_imitates_another_is_never_approved check (not (is_look_alike and disposition = 'Approved'))
);

-- the lists of one campaign, as people sort them
create index finding_by_people on tool_finding (campaign_id, people desc, addresses desc, number);
create index finding_by_risk on tool_finding (campaign_id, risk desc, number);
-- the sweep: exceptions whose day has passed
create index exception_that_ends on tool_finding (until) where disposition = 'Exception' and ended_at is null;
create index finding_of_use_case on tool_finding (use_case_key) where use_case_key is not null;

create function refuse_closing_unsigned() returns trigger language plpgsql as $$
begin
    if (select count(distinct s.person_id) < 2 or count(distinct s.function) < 2 from campaign_signature s where s.campaign_id = new.id and s.content_hash = new.closed_hash) then
        raise exception 'Two people of two functions close a campaign.' using constraint = 'two_people_of_two_functions_close_it';
    end if;
    if exists (select from tool_finding f where f.campaign_id = new.id and (f.disposition = 'Undecided' or f.ended_at is not null)) then
        raise exception 'Findings without a disposition keep it open.' using constraint = 'nothing_undecided_is_closed';
    end if;
    return null;
end
$$;

create constraint trigger closed_by_two_of_two_functions after update on campaign deferrable initially deferred
    for each row when (new.state = 'Closed' and old.state = 'Open') execute function refuse_closing_unsigned();
alter table campaign enable always trigger closed_by_two_of_two_functions;

create function keep_closed() returns trigger language plpgsql as $$
begin
    if old.state = 'Closed' and (new.state <> 'Closed' or new.closed_hash <> old.closed_hash) then
        raise exception 'A closed campaign stays closed.' using constraint = 'closed_stays_closed';
    end if;
    return new;
end
$$;

create trigger closed_stays_closed before update on campaign for each row execute function keep_closed();
alter table campaign enable always trigger closed_stays_closed;

create trigger only_added_to before update or delete on campaign_signature for each row execute function refuse_rewriting();
alter table campaign_signature enable always trigger only_added_to;

-- Of one campaign: who it is stands only under seal. The key is in the schema of keys, encrypted with one outside the database.
create table campaign_person (
    campaign_id  uuid     not null references campaign (id),
    pseudonym    bytea    not null check (length(pseudonym) = 10),
    is_address   boolean  not null,
    sealed       bytea,

    primary key (campaign_id, pseudonym)
);

create table finding_person (
    finding_id  uuid   not null references tool_finding (id),
    pseudonym   bytea  not null check (length(pseudonym) = 10),

    primary key (finding_id, pseudonym)
);

create table person_reveal (
    id                uuid         primary key,
    campaign_id       uuid         not null references campaign (id),
    finding_number    int          not null,
    pseudonym         bytea        not null check (length(pseudonym) = 10),
    reason            text         not null check (length(reason) between 1 and 1000),
    revealed_by       text         not null,
    revealed_by_name  text         not null,
    revealed_at       timestamptz  not null
);

create index reveal_of_campaign on person_reveal (campaign_id, revealed_at desc);

create trigger only_added_to before update or delete on person_reveal for each row execute function refuse_rewriting();
alter table person_reveal enable always trigger only_added_to;

create table campaign_department_list (
    campaign_id  uuid   primary key references campaign (id),
    sealed_list  bytea  not null
);

-- Requests of each department in what was imported, to any host: what the campaign covers.
create table campaign_coverage (
    campaign_id  uuid    not null references campaign (id),
    source       text    not null,
    department   text    not null check (length(department) between 1 and 100),
    events       bigint  not null check (events >= 0),

    primary key (campaign_id, source, department)
);

create table usage_import (
    id             uuid         primary key,
    campaign_id    uuid         not null references campaign (id),
    source         text         not null,
    format         text         not null check (length(format) between 1 and 60),
    file_title     text         not null check (length(file_title) <= 120),
    file_hash      text         check (file_hash ~ '^sha256:[0-9a-f]{64}$'),
    file_bytes     bigint       not null check (file_bytes >= 0),
    state          text         not null check (state in ('Receiving', 'Waiting', 'Running', 'Done', 'Failed', 'Cancelled')),
    attempts       int          not null check (attempts >= 0),
    read_bytes     bigint       not null check (read_bytes >= 0),
    lines          bigint       not null check (lines >= 0),
    matched        bigint       not null check (matched >= 0),
    assigned       bigint       not null check (assigned between 0 and lines),
    out_of_scope   bigint       not null check (out_of_scope >= 0),
    faults         jsonb        not null,
    people         int          not null check (people >= 0),
    new_findings   int          not null check (new_findings >= 0),
    is_cut         boolean      not null,
    failure        text         not null check (length(failure) <= 1000),
    imported_by    text         not null,
    imported_by_name text       not null,
    received_at    timestamptz  not null,
    touched_at     timestamptz  not null,
    finished_at    timestamptz,
    version        int          not null,
    event_count    int          not null,

    constraint finished_exactly_when_over check ((state in ('Done', 'Failed', 'Cancelled')) = (finished_at is not null)),
    constraint received_whole_before_it_is_read check (state in ('Receiving', 'Failed', 'Cancelled') or file_hash is not null)
);

create unique index a_file_counts_once on usage_import (campaign_id, file_hash) where state in ('Waiting', 'Running', 'Done');
create index usage_import_to_do on usage_import (received_at) where state in ('Receiving', 'Waiting', 'Running');
create index usage_import_of_campaign on usage_import (campaign_id, received_at desc);

-- A file while it waits to be read, encrypted; gone as soon as it was read.
create table usage_import_chunk (
    import_id  uuid   not null references usage_import (id),
    number     int    not null check (number >= 0),
    content    bytea  not null,

    primary key (import_id, number)
);

-- Answers of the survey wait until so many came that none leads to a person; then all are written at once, in no order.
create table survey_answer_held (
    id            uuid    primary key,
    campaign_id   uuid    not null references campaign (id),
    answered_on   date    not null,
    tool          text    not null check (length(tool) between 1 and 80),
    department    text    not null check (length(department) between 1 and 100),
    purpose       text    not null,
    data_class    text    not null
);

create index held_answer_of_campaign on survey_answer_held (campaign_id);

create table survey_answer (
    id            uuid    primary key,
    campaign_id   uuid    not null references campaign (id),
    tool          text    not null check (length(tool) between 1 and 80),
    department    text    not null check (length(department) between 1 and 100),
    purpose       text    not null,
    data_class    text    not null
);

create index answer_of_campaign on survey_answer (campaign_id);

-- Keys of things, as person_key holds those of people: encrypted with a key outside the database.
create table privacy.sealing_key (
    name         text   primary key check (length(name) between 1 and 100),
    wrapped_key  bytea  not null
);

create function privacy.destroy_campaign_key(campaign uuid) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
    if not exists (select from campaign c where c.id = destroy_campaign_key.campaign and c.state = 'Closed') then
        raise exception 'The names of an open campaign are kept.' using constraint = 'names_are_kept_while_open';
    end if;
    delete from privacy.sealing_key where name = 'campaign/' || destroy_campaign_key.campaign;
end
$$;

revoke all on function privacy.destroy_campaign_key(uuid) from public;
grant execute on function privacy.destroy_campaign_key(uuid) to portal_runtime;
grant select, insert on privacy.sealing_key to portal_runtime;

insert into personal_column (table_name, person, name, texts) values
    ('public.campaign',            'owner_id',     'owner_name',        '{}'),
    ('public.campaign',            'unseen_by',    null,                '{unseen}'),
    ('public.campaign_signature',  'person_id',    'person_name',       '{note}'),
    ('public.tool_finding',             'owner_id',     'owner_name',        '{}'),
    ('public.tool_finding',             'decided_by',   'decided_by_name',   '{reason}'),
    ('public.tool_finding',             'done_by',      'done_by_name',      '{}'),
    ('public.person_reveal',       'revealed_by',  'revealed_by_name',  '{reason}'),
    ('public.usage_import',        'imported_by',  'imported_by_name',  '{file_title}');

-- What stood against an erasure before, and now a campaign too.
alter function stands_against_erasure(text, date) rename to stands_against_erasure_before_campaigns;

create function stands_against_erasure(who text, today date) returns table (kind text, thing text) language sql stable set search_path = public, pg_temp as $$
    select * from stands_against_erasure_before_campaigns(who, today)
    union
    select 'OwnsCampaign', c.key from campaign c where c.state = 'Open' and c.owner_id = who
    union
    select 'OwnsDisposition', f.campaign_key || ' F' || f.number from tool_finding f where f.owner_id = who and f.done_at is null and f.ended_at is null
$$;

grant usage on sequence shadow_campaign_number to portal_runtime;
grant select, insert, update on campaign, tool_finding, usage_import, campaign_coverage to portal_runtime;
grant select, insert on campaign_signature, person_reveal, finding_person, survey_answer to portal_runtime;
grant select, insert, update (sealed) on campaign_person to portal_runtime;
grant select, insert, update, delete on campaign_department_list to portal_runtime;
grant select, insert, delete on usage_import_chunk, survey_answer_held to portal_runtime;

alter table audit_pack_job drop constraint audit_pack_job_subject_kind_check;
alter table audit_pack_job add constraint audit_pack_job_subject_kind_check check (subject_kind in ('UseCase', 'Period', 'Portfolio', 'Drill', 'Incident', 'Exercise', 'Campaign'));
