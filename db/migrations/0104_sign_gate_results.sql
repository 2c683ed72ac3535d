-- Public keys with which pipelines sign what they report. As soon as one was ever added for a use case, its results count only
-- when they are signed by a key that was good when they came. The signed bytes stay, so that anybody can check them again.

create table pipeline_key (
    id               uuid         primary key,
    name             text         not null check (length(name) between 1 and 100),
    use_case_key     text         references use_case (key),
    public_key       bytea        not null check (octet_length(public_key) between 50 and 200),
    fingerprint      text         not null check (fingerprint ~ '^sha256:[0-9a-f]{64}$'),
    good_until       timestamptz  not null,
    added_by         text         not null,
    added_by_name    text         not null,
    added_at         timestamptz  not null,
    revoked_by       text,
    revoked_by_name  text,
    revoked_at       timestamptz,
    reason           text         not null check (length(reason) <= 1000),
    distrusted_from  timestamptz,
    version          int          not null,
    event_count      int          not null,

    constraint a_fingerprint_is_of_the_key check (fingerprint = 'sha256:' || encode(sha256(public_key), 'hex')),
    constraint a_key_ends_after_it_begins check (good_until > added_at),
    constraint who_revokes_a_key_says_so check ((revoked_at is null) = (revoked_by is null) and (revoked_at is null) = (reason = '') and (revoked_at is null) = (distrusted_from is null)),
    constraint what_came_before_the_key_was_not_signed_with_it check (distrusted_from between added_at and revoked_at),
    constraint a_key_is_added_once unique nulls not distinct (use_case_key, fingerprint)
);

create function refuse_change_of_key() returns trigger language plpgsql as $$
begin
    if old.revoked_at is not null and not is_erasing() then
        raise exception 'A revoked key stays revoked.' using errcode = 'check_violation', constraint = 'a_revoked_key_stays_revoked';
    end if;

    return new;
end
$$;

create trigger a_revoked_key_stays_revoked before update on pipeline_key for each row execute function refuse_change_of_key();
alter table pipeline_key enable always trigger a_revoked_key_stays_revoked;

alter table gate_result add key_id uuid references pipeline_key (id);

create table gate_signature (
    result_id  uuid   primary key references gate_result (id),
    body       bytea  not null check (octet_length(body) between 1 and 65536),
    signature  bytea  not null check (octet_length(signature) between 8 and 200)
);

create trigger only_added_to before update or delete on gate_signature for each row execute function refuse_rewriting();
alter table gate_signature enable always trigger only_added_to;

insert into personal_column (table_name, person, name, texts) values
    ('public.pipeline_key', 'added_by',    'added_by_name',    '{}'),
    ('public.pipeline_key', 'revoked_by',  'revoked_by_name',  '{reason}');

grant select, insert on pipeline_key, gate_signature to portal_runtime;
grant update (revoked_by, revoked_by_name, revoked_at, reason, distrusted_from, version, event_count) on pipeline_key to portal_runtime;
