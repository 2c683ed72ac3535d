-- Gateways that cannot ask us are told what to refuse, from the outbox, and read back. What is known of each stands here.
-- Addresses and credentials do not: they are settings of the worker.

alter table outbox_message drop constraint outbox_message_channel_check;
alter table outbox_message add constraint outbox_message_channel_check check (channel in ('email', 'actuator'));

-- what one carrier takes next; each gateway has its own
create index waiting_message_to on outbox_message (channel, recipient, next_attempt_at) where sent_at is null and given_up_at is null;

create table actuator (
    name           text         primary key constraint name_is_words_with_dashes check (name ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(name) between 3 and 60),
    kind           text         not null check (kind in ('LiteLlm', 'Kong', 'HaProxy')),
    gateway        text         not null check (length(gateway) between 1 and 100),
    is_configured  boolean      not null,
    standing       text         not null check (standing in ('Unread', 'Effective', 'Differs', 'Unreachable')),
    since          timestamptz  not null,
    generation     bigint       not null check (generation >= 0),
    applied_at     timestamptz,
    read_at        timestamptz,
    carried        int          not null check (carried >= 0),
    blocked        int          not null check (blocked >= 0),
    placed         text[]       not null,
    detail         text         not null check (length(detail) <= 500),
    corrected      text         not null check (length(corrected) <= 500),
    corrected_at   timestamptz,
    version        int          not null,
    event_count    int          not null,

    constraint effective_only_when_read_back check (standing <> 'Effective' or (read_at is not null and applied_at is not null)),
    constraint what_is_wrong_has_words check (standing not in ('Differs', 'Unreachable') or detail <> '')
);

create function keep_newer_push() returns trigger language plpgsql as $$
begin
    if new.generation < old.generation then
        raise exception 'A gateway never goes back to an older generation.' using constraint = 'pushes_only_go_forward';
    end if;
    return new;
end
$$;

create trigger pushes_only_go_forward before update on actuator for each row execute function keep_newer_push();

grant select, insert, update on actuator to portal_runtime;
