-- Links by which somebody without an account reads one frozen revision until a day. Only the hash of a link's token is kept;
-- each opening is counted here and told in the log, so many a day and no more.

create table share_link (
    id               uuid         primary key,
    use_case_key     text         not null references use_case (key),
    revision         int          not null check (revision > 0),
    label            text         not null check (length(label) between 1 and 200),
    token_hash       text         not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    created_by       text         not null,
    created_by_name  text         not null,
    created_at       timestamptz  not null,
    expires_at       timestamptz  not null,
    revoked_by       text,
    revoked_by_name  text,
    revoked_at       timestamptz,
    opened_on        date,
    opened_that_day  int          not null check (opened_that_day between 0 and 200),
    openings         int          not null check (openings >= opened_that_day),
    last_opened_at   timestamptz,
    version          int          not null,
    event_count      int          not null,

    constraint a_link_ends_within_ninety_days check (expires_at > created_at and expires_at <= created_at + interval '90 days'),
    constraint revoked_by_somebody check ((revoked_at is null) = (revoked_by is null))
);

-- the links of a use case, newest first
create index share_link_of_use_case on share_link (use_case_key, created_at desc);

create function refuse_longer_link() returns trigger language plpgsql as $$
begin
    if not is_erasing() and ((new.use_case_key, new.revision, new.token_hash, new.expires_at) is distinct from (old.use_case_key, old.revision, old.token_hash, old.expires_at)
        or old.revoked_at is not null and new.revoked_at is null) then
        raise exception 'A link shows what it was made for, until the day it was given.' using constraint = 'a_link_is_never_widened';
    end if;
    return new;
end
$$;

create trigger a_link_is_never_widened before update on share_link for each row execute function refuse_longer_link();
alter table share_link enable always trigger a_link_is_never_widened;

insert into personal_column (table_name, person, name, texts) values
    ('public.share_link',  'created_by',  'created_by_name',  '{label}'),
    ('public.share_link',  'revoked_by',  'revoked_by_name',  '{}');

grant select, insert on share_link to portal_runtime;
grant update (revoked_by, revoked_by_name, revoked_at, opened_on, opened_that_day, openings, last_opened_at, version, event_count) on share_link to portal_runtime;
