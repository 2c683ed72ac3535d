-- Gates before a new prompt, model or index: results that pipelines push, metrics that a use case sets itself, the promotion
-- board, and what red teams found. A promotion needs a pass for the hash of exactly what is to run.

alter table approved_version drop constraint approved_version_component_check,
    add constraint approved_version_component_check check (component in ('Prompt', 'Index', 'Model'));

create table gate_result (
    id                uuid         primary key,
    use_case_key      text         not null references use_case (key),
    run_id            text         not null check (length(run_id) between 1 and 200),
    component         text         not null check (component in ('Prompt', 'Index', 'Model')),
    artefact          text         not null check (length(artefact) between 1 and 100),
    artefact_version  text         not null check (length(artefact_version) between 1 and 100),
    artefact_hash     text         not null check (artefact_hash ~ '^sha256:[0-9a-f]{64}$'),
    suite             text         not null check (length(suite) between 1 and 100),
    examples          bigint       not null check (examples >= 1),
    metrics           jsonb        not null,
    evaluated_at      timestamptz  not null,
    received_at       timestamptz  not null,
    reported_by       text         not null check (length(reported_by) <= 100),
    link              text         check (length(link) <= 500),
    version           int          not null,
    event_count       int          not null,

    constraint a_run_reports_a_suite_once unique (use_case_key, run_id, suite)
);

-- the newest results of an artefact: its gate
create index gate_result_of_artefact on gate_result (use_case_key, component, artefact, suite, evaluated_at desc);
-- the history of a use case, and how many came today
create index gate_result_by_time on gate_result (use_case_key, evaluated_at desc);

create table gate_metric (
    id            uuid         primary key,
    use_case_key  text         not null references use_case (key),
    suite         text         not null check (length(suite) between 1 and 100),
    metric        text         not null check (length(metric) between 1 and 100),
    at_least      numeric,
    at_most       numeric,
    reason        text         not null check (length(reason) between 1 and 1000),
    set_by        text         not null,
    set_by_name   text         not null,
    set_at        timestamptz  not null,
    version       int          not null,
    event_count   int          not null,

    constraint one_limit_for_each_metric_of_a_use_case unique (use_case_key, suite, metric),
    constraint a_limit_is_a_floor_or_a_ceiling check ((at_least is null) <> (at_most is null))
);

create table promotion (
    id                  uuid         primary key,
    use_case_key        text         not null references use_case (key),
    number              int          not null check (number >= 1),
    component           text         not null check (component in ('Prompt', 'Index', 'Model')),
    artefact            text         not null check (length(artefact) between 1 and 100),
    artefact_version    text         not null check (length(artefact_version) between 1 and 100),
    artefact_hash       text         not null check (artefact_hash ~ '^sha256:[0-9a-f]{64}$'),
    summary             text         not null check (length(summary) <= 2000),
    authors             text[]       not null,
    required_functions  text[]       not null check (cardinality(required_functions) > 0),
    requested_by        text         not null,
    requested_by_name   text         not null,
    requested_at        timestamptz  not null,
    state               text         not null check (state in ('Open', 'Approved', 'Vetoed', 'Withdrawn')),
    closed_at           timestamptz,
    version             int          not null,
    event_count         int          not null,

    constraint promotions_of_a_use_case_are_numbered unique (use_case_key, number),
    constraint closed_exactly_when_not_open check ((state = 'Open') = (closed_at is null))
);

create unique index one_open_promotion_of_a_version on promotion (use_case_key, component, artefact, artefact_version) where state = 'Open';
-- the board, newest first
create index promotion_by_state on promotion (state, requested_at desc);

create table promotion_decision (
    id            uuid         primary key,
    promotion_id  uuid         not null references promotion (id),
    function      text         not null,
    approves      boolean      not null,
    comment       text         not null check (length(comment) <= 2000),
    person_id     text         not null,
    person_name   text         not null,
    decided_at    timestamptz  not null,

    constraint a_function_of_the_board_decides_once unique (promotion_id, function),
    constraint a_person_of_the_board_decides_once unique (promotion_id, person_id)
);

create function refuse_own_promotion() returns trigger language plpgsql as $$
begin
    if exists (select from promotion p where p.id = new.promotion_id and (p.state <> 'Open' and p.closed_at <> new.decided_at or new.person_id = any (p.authors) or not new.function = any (p.required_functions))) then
        raise exception 'Nobody decides on a promotion they wrote or asked for, or that has ended.' using constraint = 'nobody_decides_on_their_own_promotion';
    end if;
    return new;
end
$$;

create trigger nobody_decides_on_their_own_promotion before insert on promotion_decision for each row execute function refuse_own_promotion();
alter table promotion_decision enable always trigger nobody_decides_on_their_own_promotion;

create sequence red_team_finding_number;

create table red_team_finding (
    id                uuid         primary key,
    key               text         not null unique,
    use_case_key      text         not null references use_case (key),
    title             text         not null check (length(title) between 1 and 200),
    description       text         not null check (length(description) <= 4000),
    severity          text         not null check (severity in ('Low', 'Medium', 'High', 'Critical')),
    owasp             text         not null,
    state             text         not null check (state in ('Open', 'Fixed', 'Closed', 'Accepted')),
    owner_id          text         not null,
    owner_name        text         not null,
    due_on            date         not null,
    reported_by       text         not null,
    reported_by_name  text         not null,
    reported_at       timestamptz  not null,
    note              text         not null check (length(note) <= 4000),
    note_by           text,
    changed_at        timestamptz,
    fixed_by          text,
    accepted_until    date,
    version           int          not null,
    event_count       int          not null,

    constraint lived_with_until_a_day check ((state = 'Accepted') = (accepted_until is not null)),
    constraint who_mended_it_does_not_close_it check (state <> 'Closed' or fixed_by is not null and note_by <> fixed_by)
);

-- the findings of a use case: its gate
create index red_team_finding_of_use_case on red_team_finding (use_case_key, state);
-- the list, by when they are due
create index red_team_finding_by_due on red_team_finding (due_on, key);

insert into personal_column (table_name, person, name, texts) values
    ('public.gate_metric',         'set_by',        'set_by_name',        '{reason}'),
    ('public.promotion',           'requested_by',  'requested_by_name',  '{summary}'),
    ('public.promotion_decision',  'person_id',     'person_name',        '{comment}'),
    ('public.red_team_finding',    'owner_id',      'owner_name',         '{}'),
    ('public.red_team_finding',    'reported_by',   'reported_by_name',   '{title,description}'),
    ('public.red_team_finding',    'note_by',       null,                 '{note}');

grant select, insert on gate_result, promotion_decision to portal_runtime;
grant select, insert on gate_metric, promotion, red_team_finding to portal_runtime;
grant update (at_least, at_most, reason, set_by, set_by_name, set_at, version, event_count) on gate_metric to portal_runtime;
grant update (state, closed_at, version, event_count) on promotion to portal_runtime;
grant update (state, note, note_by, changed_at, fixed_by, accepted_until, version, event_count) on red_team_finding to portal_runtime;
grant usage on sequence red_team_finding_number to portal_runtime;
