-- Four gates that an idea passes before its proof of concept, each answered by one person and decided by another, and the phase that moves
-- only along what was passed. What ran before there were gates, or was past an idea when it was taken over, is not asked, and says so.

alter table use_case
    add registered_phase  text     check (registered_phase in ('Idea', 'ProofOfConcept', 'Pilot', 'Production', 'Retired')),
    add gates_asked       boolean  not null default true;

update use_case set registered_phase = phase where origin is not null;
update use_case set gates_asked = false where origin is not null and phase is distinct from 'Idea' or origin is null and approved_revision is not null;
update use_case set phase = 'Retired' where phase is null and stage = 'Retired';
update use_case set phase = 'Idea' where phase is null and gates_asked;

alter table use_case
    add constraint what_is_asked_for_gates_has_a_phase check (phase is not null or not gates_asked),
    alter gates_asked drop default;

create table stage_gate_answer (
    id               uuid         primary key,
    use_case_key     text         not null references use_case (key),
    gate             text         not null check (gate in ('ProblemValidation', 'DataAvailability', 'OperationalFeasibility', 'HumanInTheLoop')),
    number           int          not null check (number between 1 and 50),
    rules_version    text         not null check (length(rules_version) between 1 and 100),
    content_hash     text         not null check (content_hash ~ '^sha256:[0-9a-f]{64}$'),
    evidence         text         not null check (length(evidence) <= 2000),
    written_by       text         not null,
    written_by_name  text         not null,
    written_at       timestamptz  not null,
    outcome          text         check (outcome in ('Passed', 'NotPassed', 'Killed')),
    reason           text         check (length(trim(reason)) between 1 and 1000),
    decided_by       text,
    decided_by_name  text,
    decided_at       timestamptz,
    version          int          not null,
    event_count      int          not null,

    constraint answers_at_a_gate_are_numbered unique (use_case_key, gate, number),
    constraint decided_by_somebody_with_a_reason check (num_nulls(outcome, reason, decided_by, decided_by_name, decided_at) in (0, 5)),
    constraint nobody_decides_on_their_own_answer check (decided_by <> written_by)
);

create unique index one_answer_waits_at_a_gate on stage_gate_answer (use_case_key, gate) where outcome is null;
create unique index a_gate_is_passed_once on stage_gate_answer (use_case_key, gate) where outcome = 'Passed';

create table stage_gate_text (
    answer_id   uuid  not null references stage_gate_answer (id),
    question    text  not null check (length(question) between 1 and 60),
    text        text  not null check (length(trim(text)) between 1 and 2000),
    written_by  text  not null,

    primary key (answer_id, question)
);

create function refuse_other_gate_decision() returns trigger language plpgsql as $$
begin
    if is_erasing() then
        return new;
    end if;
    if old.outcome is not null then
        raise exception 'What was decided at a gate stands.' using constraint = 'a_decision_at_a_gate_stands';
    end if;
    if exists (select from stage_gate_answer a where a.use_case_key = new.use_case_key and a.gate = new.gate and a.written_by = new.decided_by) then
        raise exception 'Who wrote for a gate does not decide on it.' using constraint = 'nobody_decides_at_a_gate_they_wrote_for';
    end if;
    return new;
end
$$;

create trigger a_decision_at_a_gate_stands before update on stage_gate_answer for each row execute function refuse_other_gate_decision();
alter table stage_gate_answer enable always trigger a_decision_at_a_gate_stands;
create trigger only_added_to before update or delete on stage_gate_text for each row execute function refuse_rewriting();
alter table stage_gate_text enable always trigger only_added_to;

-- What is asked stays asked, and nothing gets past an idea around its gates.
create function refuse_phase_without_gates() returns trigger language plpgsql as $$
begin
    if old.gates_asked and not new.gates_asked then
        raise exception 'A use case that is asked for its gates stays so.' using constraint = 'gates_stay_asked';
    end if;
    if new.gates_asked and new.phase in ('ProofOfConcept', 'Pilot', 'Production')
        and (select count(*) from stage_gate_answer a where a.use_case_key = new.key and a.outcome = 'Passed') < 4 then
        raise exception 'A proof of concept comes after its four gates.' using constraint = 'a_proof_of_concept_comes_after_its_gates';
    end if;
    return new;
end
$$;

create trigger a_proof_of_concept_comes_after_its_gates before update of phase, gates_asked on use_case for each row execute function refuse_phase_without_gates();
alter table use_case enable always trigger a_proof_of_concept_comes_after_its_gates;

insert into personal_column (table_name, person, name, texts) values
    ('public.stage_gate_answer',  'written_by',  'written_by_name',  '{evidence}'),
    ('public.stage_gate_answer',  'decided_by',  'decided_by_name',  '{reason}'),
    ('public.stage_gate_text',    'written_by',  null,               '{text}');

grant select, insert on stage_gate_answer, stage_gate_text to portal_runtime;
grant update (outcome, reason, decided_by, decided_by_name, decided_at, version, event_count) on stage_gate_answer to portal_runtime;
