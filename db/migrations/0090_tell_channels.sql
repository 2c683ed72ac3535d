-- Channels of Slack and Teams that are told of kinds of occasions, how each person wants to be told by mail, and repairs of what
-- did not leave. A channel is told keys and fixed words, never what the notice to a person says.

alter table person
    add column digest_hour  int   not null default 8 constraint digest_hour_is_an_hour check (digest_hour between 0 and 23),
    add column quiet_from   time,
    add column quiet_until  time,
    add constraint quiet_hours_have_both_ends check ((quiet_from is null) = (quiet_until is null)),
    add constraint quiet_hours_are_not_the_whole_day check (quiet_from <> quiet_until);

-- What somebody chose otherwise than “at once”.
create table notice_choice (
    person_id  text  not null references person (id),
    kind       text  not null check (kind ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(kind) <= 60),
    mail       text  not null check (mail in ('Digest', 'Off')),

    primary key (person_id, kind)
);

-- What waits for the morning of whoever chose a digest.
create table digest_entry (
    notification_id  uuid         primary key references notification (id) on delete cascade,
    person_id        text         not null references person (id),
    created_at       timestamptz  not null
);

-- whose morning may have come
create index digest_entry_of_person on digest_entry (person_id, created_at);

create table notice_channel (
    id              uuid         primary key,
    name            text         not null constraint a_channel_has_a_name check (length(name) between 1 and 80 and name !~ '[[:cntrl:]]'),
    kind            text         not null check (kind in ('Slack', 'Teams')),
    sealed_address  bytea,
    host            text         not null check (length(host) between 1 and 253),
    told_kinds      text[]       not null check (cardinality(told_kinds) <= 100),
    tells_title     boolean      not null,
    quiet_from      time,
    quiet_until     time,
    is_paused       boolean      not null,
    removed_at      timestamptz,
    version         int          not null,
    event_count     int          not null,

    constraint quiet_hours_have_both_ends check ((quiet_from is null) = (quiet_until is null)),
    constraint quiet_hours_are_not_the_whole_day check (quiet_from <> quiet_until),
    constraint a_removed_channel_keeps_no_address check ((removed_at is null) = (sealed_address is not null))
);

create unique index one_channel_of_a_name on notice_channel (lower(name)) where removed_at is null;

alter table outbox_message drop constraint outbox_message_channel_check;
alter table outbox_message
    add constraint outbox_message_channel_check check (channel in ('email', 'actuator', 'slack', 'teams')),
    add column kind         text         check (length(kind) <= 60),
    add column subject_key  text         check (length(subject_key) <= 60),
    add column dropped_at   timestamptz,
    add column version      int          not null default 0,
    add column event_count  int          not null default 0,
    add constraint dropped_only_when_given_up check (dropped_at is null or given_up_at is not null);

-- the page of what has not left, newest first
create index unsent_message on outbox_message (created_at desc, id desc) where sent_at is null;

-- The first instant at or after this one that is not within quiet hours. Local times that daylight saving skips are an hour later.
create function after_quiet_hours(at timestamptz, starts time, ends time, zone text) returns timestamptz language sql stable as $$
    select case
        when starts < ends and l.clock::time >= starts and l.clock::time < ends then (l.clock::date + ends) at time zone zone
        when starts > ends and l.clock::time >= starts then (l.clock::date + 1 + ends) at time zone zone
        when starts > ends and l.clock::time < ends then (l.clock::date + ends) at time zone zone
        else at end
    from (select at at time zone zone as clock) l
$$;

-- People of a stop are told by a sweep: a stop itself waits for nothing.
alter table kill_switch add column told_generation bigint not null default 0;
update kill_switch set told_generation = generation;

grant select, insert, update (mail), delete on notice_choice to portal_runtime;
grant select, insert, delete on digest_entry to portal_runtime;
grant select, insert on notice_channel to portal_runtime;
grant update (name, sealed_address, host, told_kinds, tells_title, quiet_from, quiet_until, is_paused, removed_at, version, event_count) on notice_channel to portal_runtime;
grant update (dropped_at, version, event_count) on outbox_message to portal_runtime;
