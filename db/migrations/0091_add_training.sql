-- Courses, who completed them, and which use cases ask for them. The end users of gateways are known by a salted hash of the id
-- that the gateway sends: enforcement needs no more, and neither does the register.

create table course (
    key              text         primary key check (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(key) <= 60),
    title            text         not null check (length(title) between 1 and 200),
    description      text         not null check (length(description) <= 2000),
    link             text         check (link ~ '^https://' and length(link) <= 500),
    for_roles        text[]       not null,
    edition          int          not null check (edition > 0),
    oldest_counting  int          not null,
    valid_for_days   int          not null check (valid_for_days between 1 and 1830),
    required_by      text[]       not null,
    retired_at       timestamptz,
    version          int          not null,
    event_count      int          not null,

    constraint an_edition_counts_once_it_exists check (oldest_counting between 1 and edition),
    constraint a_retired_course_is_required_by_nobody check (retired_at is null or cardinality(required_by) = 0)
);

create table training_completion (
    id              uuid         primary key,
    course_key      text         not null references course (key),
    edition         int          not null check (edition > 0),
    learner         bytea        check (octet_length(learner) = 16),
    person_id       text         references person (id),
    completed_on    date         not null,
    evidence        text         not null check (length(evidence) between 1 and 500),
    evidence_hash   text         check (evidence_hash ~ '^sha256:[0-9a-f]{64}$'),
    source          text         not null check (source in ('Csv', 'Lms')),
    recorded_by     text         not null,
    recorded_at     timestamptz  not null,
    withdrawn_at    timestamptz,

    constraint somebody_completed_it check (learner is not null or person_id is not null)
);

create unique index a_completion_is_recorded_once on training_completion (course_key, edition, learner, person_id, completed_on) nulls not distinct where withdrawn_at is null;
-- somebody's own page, and who is overdue
create index completion_of_person on training_completion (person_id, course_key) where withdrawn_at is null;
-- the register, newest first
create index completion_by_day on training_completion (completed_on desc, id desc);

-- The salt of learners' hashes, and the day by which enforcement reads validity: a sweep moves it, so that no verdict asks a clock.
create table training_state (
    only_one     boolean  primary key default true check (only_one),
    salt         bytea    not null check (octet_length(salt) = 16),
    today        date     not null,
    reminded_on  date
);

insert into training_state (salt, today) values (substr(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 1, 16), current_date);

-- Each person and each course that is for one of their roles, with the last day on which what they completed counts.
create view training_standing as
select p.id as person_id, p.name as person, p.business_unit, c.key as course_key, c.title, max(t.completed_on + c.valid_for_days) as until
from course c
join person p on p.is_active and (cardinality(c.for_roles) = 0 or p.roles && c.for_roles)
left join training_completion t on t.course_key = c.key and t.person_id = p.id and t.withdrawn_at is null and t.edition >= c.oldest_counting
where c.retired_at is null
group by p.id, p.name, p.business_unit, c.key, c.title;

-- A certificate may name who holds it.
insert into personal_column (table_name, person, name, texts) values ('public.training_completion', 'person_id', null, '{evidence}');

grant select, insert on course, training_completion to portal_runtime;
grant update (title, description, link, for_roles, edition, oldest_counting, valid_for_days, required_by, retired_at, version, event_count) on course to portal_runtime;
grant update (withdrawn_at) on training_completion to portal_runtime;
grant select, update (today, reminded_on) on training_state to portal_runtime;
grant select on training_standing to portal_runtime;
