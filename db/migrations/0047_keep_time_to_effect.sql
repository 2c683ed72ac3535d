-- When each node and gateway applied a switch that was engaged. They themselves report only the newest generation they apply,
-- so without this the time to effect is forgotten with the next change. Written as they confirm, in the same statement.

create table switch_effect (
    generation  bigint       not null,
    point       text         not null check (length(point) between 1 and 201),
    is_gateway  boolean      not null,
    applied_at  timestamptz  not null,

    primary key (generation, point)
);

create index kill_switch_by_generation on kill_switch (generation);

create function note_node_effect() returns trigger language plpgsql as $$
begin
    insert into switch_effect (generation, point, is_gateway, applied_at)
    select s.generation, new.name, false, new.applied_at from kill_switch s
    where s.generation > old.generation and s.generation <= new.generation and s.state <> 'Released'
    on conflict do nothing;
    return null;
end
$$;

create function note_enforcer_effect() returns trigger language plpgsql as $$
begin
    insert into switch_effect (generation, point, is_gateway, applied_at)
    select s.generation, new.gateway || '/' || new.instance, true, new.applied_at from kill_switch s
    where s.generation > old.generation and s.generation <= new.generation and s.state <> 'Released'
    on conflict do nothing;
    return null;
end
$$;

create trigger node_effect_is_kept after update of generation on enforcement_node
    for each row when (new.generation > old.generation) execute function note_node_effect();
create trigger enforcer_effect_is_kept after update of generation on enforcer
    for each row when (new.generation > old.generation) execute function note_enforcer_effect();

grant select, insert on switch_effect to portal_runtime;
