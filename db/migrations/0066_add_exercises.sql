-- Tabletop exercises: what was played, who sat where, what was done in time, and what follows from it. The scenario is kept as it
-- was then, so that a score can be understood later.

create sequence exercise_number;

create table exercise (
    id                uuid         primary key,
    key               text         not null unique check (key ~ '^EX-[0-9]{4,}$'),
    scenario          text         not null check (length(scenario) between 1 and 100),
    scenario_hash     text         not null,
    scenario_yaml     text         not null check (length(scenario_yaml) <= 100000),
    title             text         not null check (length(title) between 1 and 200),
    use_case_key      text         references use_case (key),
    planned_on        date         not null,
    state             text         not null check (state in ('Planned', 'Running', 'Ended', 'Cancelled')),
    facilitator_id    text         not null,
    facilitator_name  text         not null,
    started_at        timestamptz,
    ended_at          timestamptz,
    drill_id          uuid         references drill (id),
    score             int          check (score between 0 and 100),
    conclusion        text         not null default '' check (length(conclusion) <= 4000),
    conclusion_by     text,
    version           int          not null,
    event_count       int          not null,

    constraint started_before_it_ended check (ended_at is null or started_at is not null and ended_at >= started_at),
    constraint scored_exactly_when_it_ended check ((state = 'Ended') = (score is not null) and (state = 'Ended') = (ended_at is not null))
);

-- the calendar
create index exercise_by_day on exercise (planned_on desc, id desc);

create table exercise_seat (
    exercise_id  uuid  not null references exercise (id),
    role         text  not null check (length(role) between 1 and 100),
    person_id    text  not null,
    person_name  text  not null,

    primary key (exercise_id, role)
);

create table exercise_step (
    exercise_id   uuid         not null references exercise (id),
    number        int          not null check (number between 1 and 60),
    done_at       timestamptz  not null,
    done_by       text         not null,
    done_by_name  text         not null,
    note          text         not null check (length(note) <= 1000),

    primary key (exercise_id, number)
);

create table exercise_note (
    id           uuid         primary key,
    exercise_id  uuid         not null references exercise (id),
    written_at   timestamptz  not null,
    author_id    text         not null,
    author_name  text         not null,
    text         text         not null check (length(text) between 1 and 2000)
);

create index note_of_exercise on exercise_note (exercise_id, written_at);

create table exercise_finding (
    exercise_id     uuid         not null references exercise (id),
    number          int          not null check (number between 1 and 50),
    text            text         not null check (length(trim(text)) between 1 and 1000),
    owner_id        text         not null,
    owner_name      text         not null,
    due_on          date         not null,
    state           text         not null check (state in ('Open', 'Done', 'Verified', 'Dropped')),
    opened_at       timestamptz  not null,
    note            text         not null default '' check (length(note) <= 2000),
    note_by         text,
    closed_at       timestamptz,
    closed_by       text,
    closed_by_name  text,

    primary key (exercise_id, number),
    constraint finding_closed_by_somebody check ((state in ('Verified', 'Dropped')) = (closed_at is not null) and (closed_at is null) = (closed_by is null)),
    constraint nobody_verifies_their_own_finding check (state <> 'Verified' or closed_by <> owner_id)
);

create index open_finding on exercise_finding (due_on) where state in ('Open', 'Done');

create trigger only_added_to before update or delete on exercise_note for each row execute function refuse_rewriting();
create trigger only_added_to before update or delete on exercise_step for each row execute function refuse_rewriting();
alter table exercise_note enable always trigger only_added_to;

insert into personal_column (table_name, person, name, texts) values
    ('public.exercise',          'facilitator_id', 'facilitator_name', '{}'),
    ('public.exercise',          'conclusion_by',  null,               '{conclusion}'),
    ('public.exercise_seat',     'person_id',      'person_name',      '{}'),
    ('public.exercise_step',     'done_by',        'done_by_name',     '{note}'),
    ('public.exercise_note',     'author_id',      'author_name',      '{text}'),
    ('public.exercise_finding',  'owner_id',       'owner_name',       '{}'),
    ('public.exercise_finding',  'note_by',        null,               '{note}'),
    ('public.exercise_finding',  'closed_by',      'closed_by_name',   '{}');

-- What stood against an erasure before, and now an exercise too.
alter function stands_against_erasure(text, date) rename to stands_against_erasure_before_exercises;

create function stands_against_erasure(who text, today date) returns table (kind text, thing text) language sql stable set search_path = public, pg_temp as $$
    select * from stands_against_erasure_before_exercises(who, today)
    union
    select 'PlaysExercise', e.key from exercise e where e.state in ('Planned', 'Running') and (e.facilitator_id = who or exists (select from exercise_seat s where s.exercise_id = e.id and s.person_id = who))
    union
    select 'OwnsFinding', e.key || ' F' || f.number from exercise_finding f join exercise e on e.id = f.exercise_id where f.state in ('Open', 'Done') and f.owner_id = who
$$;

grant usage on sequence exercise_number to portal_runtime;
grant select, insert on exercise_note, exercise_step to portal_runtime;
grant select, insert, update on exercise, exercise_seat, exercise_finding to portal_runtime;
