-- A legal class or a lane that rules found is overridden by two people with a reason: one proposes, another of the right function
-- confirms. It holds for what is submitted from then on, while rules judge as they did; never for a prohibited practice.

create table judgement_override (
    id                uuid         primary key,
    use_case_key      text         not null references use_case (key),
    number            int          not null check (number > 0),
    class_before      text         not null check (class_before in ('Minimal', 'Limited', 'High')),
    lane_before       text         not null check (lane_before in ('Fast', 'Standard', 'Full')),
    rules_version     text         not null,
    class_to          text         check (class_to in ('Minimal', 'Limited', 'High')),
    lane_to           text         check (lane_to in ('Standard', 'Full')),
    reason            text         not null check (length(reason) between 1 and 4000),
    state             text         not null check (state in ('Proposed', 'Confirmed', 'Refused', 'Ended')),
    proposed_by       text         not null,
    proposed_by_name  text         not null,
    proposed_at       timestamptz  not null,
    decided_by        text,
    decided_by_name   text,
    decided_at        timestamptz,
    note              text         not null check (length(note) <= 4000),
    ended_by          text,
    ended_by_name     text,
    ended_at          timestamptz,
    end_note          text         not null check (length(end_note) <= 4000),
    version           int          not null,
    event_count       int          not null,

    unique (use_case_key, number),
    constraint something_is_overridden check (coalesce(class_to <> class_before, false) or coalesce(lane_to <> lane_before, false)),
    constraint two_people_override check (decided_by <> proposed_by),
    constraint decided_by_somebody check (state not in ('Confirmed', 'Refused') or decided_by is not null),
    constraint ended_by_somebody_for_a_reason check ((state = 'Ended') = (ended_by is not null) and (state <> 'Ended' or length(end_note) > 0))
);

-- Two that stand could contradict each other.
create unique index one_standing_override_for_each_use_case on judgement_override (use_case_key) where state in ('Proposed', 'Confirmed');

create function refuse_unfair_override() returns trigger language plpgsql as $$
begin
    if is_erasing() then
        return new;
    end if;
    if exists (select from use_case u where u.key = new.use_case_key and (new.proposed_by = any (u.editors) and tg_op = 'INSERT' or new.decided_by = any (u.editors) and new.state = 'Confirmed')) then
        raise exception 'Who wrote a use case does not override how it is judged.' using constraint = 'authors_do_not_override_their_judgement';
    end if;
    if tg_op = 'UPDATE' and ((new.class_before, new.lane_before, new.class_to, new.lane_to, new.reason, new.proposed_by) is distinct from
            (old.class_before, old.lane_before, old.class_to, old.lane_to, old.reason, old.proposed_by) or old.state in ('Refused', 'Ended')) then
        raise exception 'What is proposed stays as it was proposed.' using constraint = 'an_override_is_decided_not_changed';
    end if;
    return new;
end
$$;

create trigger an_override_is_fair before insert or update on judgement_override for each row execute function refuse_unfair_override();
alter table judgement_override enable always trigger an_override_is_fair;

insert into personal_column (table_name, person, name, texts) values
    ('public.judgement_override',  'proposed_by',  'proposed_by_name',  '{reason}'),
    ('public.judgement_override',  'decided_by',   'decided_by_name',   '{note}'),
    ('public.judgement_override',  'ended_by',     'ended_by_name',     '{end_note}');

grant select, insert on judgement_override to portal_runtime;
grant update (state, decided_by, decided_by_name, decided_at, note, ended_by, ended_by_name, ended_at, end_note, version, event_count) on judgement_override to portal_runtime;
