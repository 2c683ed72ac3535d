-- First answers of creates that carried an Idempotency-Key, so that a repeated request makes nothing twice.
-- Kept for good at present: a row is small, and a key that is forgotten would create again.

create table idempotent_request (
    actor_id      text         not null,
    key           text         not null check (length(key) between 1 and 200),
    request_hash  text         not null,
    status        int          not null,
    location      text,
    body          text         not null,
    created_at    timestamptz  not null default clock_timestamp(),

    primary key (actor_id, key)
);

grant select, insert on idempotent_request to portal_runtime;
