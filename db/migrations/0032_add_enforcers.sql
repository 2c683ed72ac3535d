-- What gateways themselves confirm, beside the portal's own nodes: which generation they apply, since when, by our clock.
-- An older confirmation never overwrites a newer one, in whatever order they arrive.

create table enforcer (
    gateway       text         not null check (length(gateway) between 1 and 100),
    instance      text         not null check (length(instance) between 1 and 100),
    generation    bigint       not null check (generation > 0),
    applied_at    timestamptz  not null,
    received_at   timestamptz  not null,
    seen_at       timestamptz  not null,
    clock_off_ms  bigint       not null,

    primary key (gateway, instance),
    constraint nothing_is_applied_after_it_was_confirmed check (applied_at <= received_at)
);

create function keep_newer_confirmation() returns trigger language plpgsql as $$
begin
    if new.generation < old.generation then
        raise exception 'An older generation never overwrites a newer one.' using constraint = 'confirmations_only_grow';
    end if;
    return new;
end
$$;

create trigger confirmations_only_grow before update on enforcer for each row execute function keep_newer_confirmation();

-- who was heard of lately
create index enforcer_by_last_word on enforcer (seen_at);

grant select, insert, update on enforcer to portal_runtime;

-- Travels with a backup: a database that was restored is the same world at an earlier time, another one is not.
alter table enforcement_generation add column world uuid not null default gen_random_uuid();
