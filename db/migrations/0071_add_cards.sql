-- Model and system cards: text with sections, frozen versions with a hash and a day on which they are stale. A proposal is
-- decided on together with its cards, so its revision notes them by their hashes.

alter table use_case_revision add records jsonb not null default '[]' check (jsonb_typeof(records) = 'array');
-- the open reviews of a record that changes
create index revision_of_record on use_case_revision using gin (records jsonb_path_ops);

create sequence card_number;

create table card (
    id              uuid         primary key,
    key             text         not null unique,
    kind            text         not null check (kind in ('Model', 'System')),
    name            text         not null check (length(name) between 1 and 200),
    model_version   text         not null check (length(model_version) <= 100),
    use_case_key    text         unique references use_case (key),
    owner_id        text         not null,
    owner_name      text         not null,
    draft           jsonb        not null check (pg_column_size(draft) < 2000000),
    content_hash    text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    editors         text[]       not null,
    latest_version  int          not null,
    expires_on      date,
    changed_at      timestamptz  not null,
    version         int          not null,
    event_count     int          not null,

    constraint a_system_card_belongs_to_a_use_case check ((kind = 'System') = (use_case_key is not null)),
    constraint stale_on_a_day_exactly_when_published check ((latest_version > 0) = (expires_on is not null))
);

-- the list, the stalest first
create index card_by_expiry on card (expires_on, key);
-- the cards of the models that a proposal names
create index card_by_name on card (lower(name));

create table card_version (
    card_id            uuid         not null references card (id),
    number             int          not null check (number >= 1),
    content            jsonb        not null,
    content_hash       text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    published_by       text         not null,
    published_by_name  text         not null,
    published_at       timestamptz  not null,
    expires_on         date         not null,

    primary key (card_id, number)
);

create trigger card_version_is_frozen before update or delete on card_version for each row execute function refuse_frozen_change();
alter table card_version enable always trigger card_version_is_frozen;

-- What is being decided on does not change underneath: the review ends first, in the same transaction.
create function refuse_change_under_review() returns trigger language plpgsql as $$
begin
    if new.content_hash <> old.content_hash and exists (
        select from approval_round r join use_case_revision v on v.use_case_id = r.use_case_id and v.number = r.revision_number
        where r.status = 'Open' and v.records @> jsonb_build_array(jsonb_build_object('key', old.key, 'hash', old.content_hash))) then
        raise exception 'A record that is being decided on does not change.' using constraint = 'a_record_under_review_does_not_change';
    end if;
    return null;
end
$$;

create constraint trigger a_card_under_review_does_not_change after update on card deferrable initially deferred
    for each row when (new.kind = 'System') execute function refuse_change_under_review();
alter table card enable always trigger a_card_under_review_does_not_change;

insert into personal_column (table_name, person, name, texts) values
    ('public.card',          'owner_id',      'owner_name',         '{}'),
    ('public.card_version',  'published_by',  'published_by_name',  '{}');

grant select, insert on card, card_version to portal_runtime;
grant update (name, model_version, owner_id, owner_name, draft, content_hash, editors, latest_version, expires_on, changed_at, version, event_count) on card to portal_runtime;
grant usage on sequence card_number to portal_runtime;
