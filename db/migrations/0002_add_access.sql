-- People with the roles they hold now, and the keys of machines.
-- Roles live here and not in the sign-in cookie: a circuit outlives a sign-in by hours.

create table person (
    id             text         primary key check (length(id) between 3 and 300),
    name           text         not null check (length(name) between 1 and 200),
    business_unit  text         not null check (length(business_unit) <= 200),
    roles          text[]       not null,
    is_active      boolean      not null,
    first_seen_at  timestamptz  not null,
    version        int          not null,
    event_count    int          not null
);

create table machine_token (
    id            uuid         primary key,
    name          text         not null check (length(name) between 1 and 100),
    token_hash    text         not null constraint only_the_hash_is_kept check (token_hash ~ '^[0-9a-f]{64}$') unique,
    scopes        text[]       not null check (cardinality(scopes) > 0),
    use_case_key  text,
    issued_at     timestamptz  not null,
    expires_at    timestamptz  not null,
    revoked_at    timestamptz,
    version       int          not null,
    event_count   int          not null,

    constraint a_token_ends check (expires_at > issued_at)
);

-- the key ring of ASP.NET Core data protection, shared by all nodes
create table data_protection_key (
    name  text  primary key,
    xml   text  not null
);

grant select, insert, update on person, machine_token, data_protection_key to portal_runtime;
