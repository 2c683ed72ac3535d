-- What a person should know, and the e-mail that tells it outside the portal.
-- Both are written in the transaction of the change they tell of, so neither speaks of what did not happen.

alter table person
    add column email       text     constraint email_is_one_plain_address check (email ~ '^[^[:space:][:cntrl:],;:<>()"\\@]+@[^[:space:][:cntrl:],;:<>()"\\@]+$' and length(email) <= 254),
    add column wants_mail  boolean  not null default true;

create table notification (
    id            uuid         primary key,
    person_id     text         not null check (length(person_id) between 3 and 300),
    kind          text         not null constraint kind_is_words_with_dashes check (kind ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(kind) <= 60),
    title         text         not null check (length(title) between 1 and 200),
    text          text         not null check (length(text) <= 500),
    link          text         not null constraint link_stays_in_the_portal check (link ~ '^/([^/\\]|$)' and link !~ '[[:cntrl:]]' and length(link) <= 500),
    use_case_key  text         check (length(use_case_key) between 1 and 60),
    created_at    timestamptz  not null,
    read_at       timestamptz,
    dedupe_key    text         not null check (length(dedupe_key) between 1 and 300),

    constraint a_person_is_told_once unique (person_id, dedupe_key)
);

-- the figure at the bell, on every page
create index unread_notification on notification (person_id) where read_at is null;
-- somebody's list, newest first
create index notification_of_person on notification (person_id, created_at desc, id desc);

-- What leaves the portal, until it has left or was given up. The worker delivers it after the commit.
create table outbox_message (
    id               uuid         primary key,
    channel          text         not null check (channel in ('email')),
    recipient        text         not null check (length(recipient) between 3 and 254),
    subject          text         not null constraint subject_is_one_line check (subject !~ '[[:cntrl:]]' and length(subject) between 1 and 200),
    body             text         not null check (length(body) <= 10000),
    dedupe_key       text         not null check (length(dedupe_key) between 1 and 300),
    created_at       timestamptz  not null,
    next_attempt_at  timestamptz  not null,
    attempts         int          not null check (attempts >= 0),
    sent_at          timestamptz,
    given_up_at      timestamptz,
    last_error       text         check (length(last_error) <= 500),

    constraint a_message_is_queued_once unique (dedupe_key),
    constraint not_both_sent_and_given_up check (sent_at is null or given_up_at is null),
    constraint given_up_with_a_reason check (given_up_at is null or last_error is not null)
);

-- what the worker sends next
create index waiting_message on outbox_message (next_attempt_at) where sent_at is null and given_up_at is null;
-- how many were given up, for the operator
create index given_up_message on outbox_message (given_up_at) where given_up_at is not null;

-- Nobody rewrites what was said: only whether it was read, and how far its delivery is.
grant select, insert, update (read_at) on notification to portal_runtime;
grant select, insert, update (next_attempt_at, attempts, sent_at, given_up_at, last_error) on outbox_message to portal_runtime;
