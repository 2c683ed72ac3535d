-- Degrading to a fallback, rolling back to an approved version, and releasing at a limited share first.
-- A limited release is half open: still two people, then one more step to the whole.

alter table kill_switch
    add column evidence                 text  not null default '' check (length(evidence) <= 1000),
    add column fallback_model           text  check (length(fallback_model) between 1 and 200),
    add column rollback                 text  check (length(rollback) between 1 and 300),
    add column share                    int   check (share between 1 and 100),
    add column second_released_by       text,
    add column second_released_by_name  text,
    drop constraint kill_switch_state_check,
    add constraint state_is_known check (state in ('Released', 'Engaged', 'ReleasePending', 'Limited')),
    add constraint a_fallback_exactly_when_degraded check ((mode is not distinct from 'Degrade') = (fallback_model is not null)),
    add constraint a_version_exactly_when_rolled_back check ((mode is not distinct from 'Rollback') = (rollback is not null)),
    add constraint a_limited_release_has_a_share_below_the_whole check (state <> 'Limited' or (share is not null and share < 100)),
    add constraint a_limited_release_has_two_people check (
        state <> 'Limited' or (first_released_by is not null and second_released_by is not null and first_released_by <> second_released_by));

create or replace function refuse_silent_release() returns trigger language plpgsql as $$
begin
    if new.state in ('Released', 'Limited') and old.state <> new.state and old.state not in ('ReleasePending', 'Limited')
        or old.state = 'Released' and new.state in ('ReleasePending', 'Limited')
        or old.state = 'Limited' and new.state = 'Limited' and new.share > old.share then
        raise exception 'Two people release a switch.' using constraint = 'two_people_release_a_switch';
    end if;
    return new;
end
$$;

-- Versions of prompts and indexes that somebody approved: what a rollback may point at.
create table approved_version (
    id                uuid         primary key,
    use_case_key      text         not null references use_case (key),
    component         text         not null check (component in ('Prompt', 'Index')),
    name              text         not null check (length(name) between 1 and 100),
    version_name      text         not null check (length(version_name) between 1 and 100),
    approved_by       text         not null,
    approved_by_name  text         not null,
    approved_at       timestamptz  not null,
    event_count       int          not null,
    version           int          not null,

    constraint a_version_is_approved_once unique (use_case_key, component, name, version_name)
);

grant select, insert on approved_version to portal_runtime;
