-- Who helps the people of a department with a use case, or with all of them; named by a CoE lead and agreed to by themselves.
-- A phase of a rollout can wait for the agreement of the champion of each cohort.

create table champion (
    id             uuid         primary key,
    person_id      text         not null references person (id),
    person_name    text         not null,
    department     text         not null check (length(department) between 1 and 100),
    use_case_key   text         references use_case (key),
    from_on        date         not null,
    until_on       date         not null,
    state          text         not null check (state in ('Asked', 'Accepted', 'Declined', 'Ended')),
    named_by       text         not null,
    named_by_name  text         not null,
    named_at       timestamptz  not null,
    answered_at    timestamptz,
    ended_at       timestamptz,
    version        int          not null,
    event_count    int          not null,

    constraint a_champion_is_one_for_some_days check (until_on between from_on and from_on + 731),
    constraint nobody_names_themselves_champion check (named_by <> person_id),
    constraint answered_unless_asked check (state = 'Ended' or (state = 'Asked') = (answered_at is null)),
    constraint ended_at_set_exactly_when_ended check ((state = 'Ended') = (ended_at is not null))
);

-- one's own page
create index champion_of_person on champion (person_id, state);
-- the list by department
create index champion_by_department on champion (department, from_on, id);

create table rollout_agreement (
    use_case_key    text         not null references rollout (use_case_key),
    after_decision  int          not null,
    cohort          text         not null,
    person_id       text         not null,
    person_name     text         not null,
    agreed_at       timestamptz  not null,

    constraint agreed_once primary key (use_case_key, after_decision, cohort),
    foreign key (use_case_key, after_decision) references rollout_decision (use_case_key, number)
);

create trigger rollout_agreement_is_frozen before update or delete on rollout_agreement for each row execute function refuse_frozen_change();
alter table rollout_agreement enable always trigger rollout_agreement_is_frozen;

insert into personal_column (table_name, person, name, texts) values
    ('public.champion',           'person_id',  'person_name',    '{}'),
    ('public.champion',           'named_by',   'named_by_name',  '{}'),
    ('public.rollout_agreement',  'person_id',  'person_name',    '{}');

grant select, insert on champion, rollout_agreement to portal_runtime;
grant update (state, answered_at, ended_at, version, event_count) on champion to portal_runtime;
