-- Policies that everybody follows, in frozen versions with a day from which each holds, and who has read which.
-- Texts come from templates/policies or from a CoE lead; a version never changes, so that what was acknowledged is what is shown.

create table policy_version (
    id                 uuid         primary key,
    policy             text         not null check (policy ~ '^[a-z][a-z0-9-]{1,59}$'),
    number             int          not null check (number between 1 and 10000),
    title              text         not null check (length(title) between 1 and 200),
    text               text         not null check (length(text) between 1 and 12000),
    content_hash       text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    effective_on       date         not null,
    published_by       text         not null,
    published_by_name  text         not null,
    published_at       timestamptz  not null,
    version            int          not null,
    event_count        int          not null,

    constraint one_version_for_each_number unique (policy, number),
    constraint hash_is_of_the_policy check (content_hash = 'sha256:' || encode(sha256(convert_to(policy || E'\n' || number || E'\n' || title || E'\n' || text, 'UTF8')), 'hex'))
);

create trigger policy_version_is_frozen before update or delete on policy_version for each row execute function refuse_frozen_change();
alter table policy_version enable always trigger policy_version_is_frozen;

create table acknowledgement (
    id               uuid         primary key,
    policy           text         not null,
    number           int          not null,
    person_id        text         not null,
    person_name      text         not null,
    content_hash     text         not null,
    acknowledged_at  timestamptz  not null,
    version          int          not null,
    event_count      int          not null,

    constraint acknowledged_once unique (policy, number, person_id),
    foreign key (policy, number) references policy_version (policy, number)
);

-- what one person has read
create index acknowledgement_of_person on acknowledgement (person_id);

create function refuse_other_acknowledgement() returns trigger language plpgsql as $$
begin
    if new.content_hash is distinct from (select v.content_hash from policy_version v where v.policy = new.policy and v.number = new.number) then
        raise exception 'An acknowledgement is for the text that was shown.' using constraint = 'acknowledged_is_what_was_shown';
    end if;
    return new;
end
$$;

create trigger acknowledged_is_what_was_shown before insert on acknowledgement for each row execute function refuse_other_acknowledgement();
alter table acknowledgement enable always trigger acknowledged_is_what_was_shown;
create trigger acknowledgement_is_frozen before update or delete on acknowledgement for each row execute function refuse_frozen_change();
alter table acknowledgement enable always trigger acknowledgement_is_frozen;

insert into personal_column (table_name, person, name, texts) values
    ('public.policy_version',   'published_by',  'published_by_name',  '{}'),
    ('public.acknowledgement',  'person_id',     'person_name',        '{}');

grant select, insert on policy_version, acknowledgement to portal_runtime;
