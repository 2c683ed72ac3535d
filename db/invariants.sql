-- What must hold at every moment, whatever happened before: this query returns no row.
-- Run after every test class on what it left behind, and by `coe db check` on a database in use.
-- Each row says which rule is broken and by what. A lane that was started before its stimuli were kept has no Start among
-- them; what asks for all of them asks only where there is one.

-- approvals

select 'an approved round has a decision of every required function' as rule, r.use_case_key || '/' || r.number as broken_by
from approval_round r
where r.status = 'Approved' and exists (
    select from unnest(r.required_functions) as needed (function)
    where not exists (
        select from decision d where d.round_id = r.id and d.function = needed.function
            and d.kind in ('Approve', 'ApproveWithConditions') and d.content_hash = r.content_hash))

union all
select 'no approval beside a veto or a wish for changes', r.use_case_key || '/' || r.number
from approval_round r
where r.status = 'Approved' and exists (select from decision d where d.round_id = r.id and d.kind in ('RequestChanges', 'Veto'))

union all
select 'a decision counts only for the content of its round', d.id::text
from decision d join approval_round r on r.id = d.round_id where d.content_hash <> r.content_hash

union all
select 'a round is about the content of its revision', r.use_case_key || '/' || r.number
from approval_round r join use_case_revision v on v.use_case_id = r.use_case_id and v.number = r.revision_number
where r.topic = 'Proposal' and r.content_hash <> v.content_hash

union all
select 'nobody who wrote it stands behind a decision', d.id::text
from decision d join approval_round r on r.id = d.round_id
where d.person_id = any (r.authors) or d.on_behalf_of_id = any (r.authors)

union all
select 'one person stands behind one decision of a round', s.round_id || ' ' || s.person_id
from (
    select d.round_id, who.person_id from decision d cross join lateral (values (d.person_id), (d.on_behalf_of_id)) as who (person_id)
    where who.person_id is not null
) s group by s.round_id, s.person_id having count(*) > 1

union all
select 'the list of signatories is complete', d.id::text
from decision d
where not exists (select from decision_signatory s where s.decision_id = d.id and s.person_id = d.person_id)
    or d.on_behalf_of_id is not null and not exists (select from decision_signatory s where s.decision_id = d.id and s.person_id = d.on_behalf_of_id)

union all
select 'a stand-in was named for that person, function and day', d.id::text
from decision d
where d.on_behalf_of_id is not null and not exists (
    select from delegation g where g.from_id = d.on_behalf_of_id and g.to_id = d.person_id and g.function = d.function
        and g.created_at <= d.decided_at and d.decided_at::date between g.starts_on - 1 and g.ends_on + 1)

union all
select 'who decides on a high risk had just been confirmed', d.id::text
from decision d join approval_round r on r.id = d.round_id join wf.lane_instance i on i.round_id = r.id
where r.tier = 'High' and exists (select from wf.lane_stimulus told where told.instance_id = i.id and told.kind = 'Start')
    and (d.confirmed_at between d.decided_at - interval '5 minutes' and d.decided_at + interval '1 minute') is not true

union all
select 'what is in force was approved', u.key
from use_case u
where u.approved_revision is not null and not exists (
    select from approval_round r where r.use_case_id = u.id and r.revision_number = u.approved_revision and r.topic = 'Proposal' and r.status = 'Approved')

union all
select 'a use case in review has a review that runs, or one that waits for the operators', u.key
from use_case u
where u.stage = 'InReview' and not exists (
    select from approval_round r where r.use_case_id = u.id and r.revision_number = u.latest_revision and r.topic = 'Proposal' and r.status in ('Open', 'Disputed'))

union all
select 'no review runs for a use case that is not in review', r.use_case_key || '/' || r.number
from approval_round r join use_case u on u.id = r.use_case_id where r.topic = 'Proposal' and r.status = 'Open' and u.stage <> 'InReview'

union all
select 'a promotion waits for its board, and ends with it', p.use_case_key || '/P' || p.number
from promotion p join approval_round r on r.topic_id = p.id
where r.content_hash <> p.artefact_hash or r.status <> 'Disputed' and (p.state, r.status) not in (
    ('Open', 'Open'), ('Approved', 'Approved'), ('SentBack', 'ChangesRequested'), ('Vetoed', 'Vetoed'), ('Withdrawn', 'Withdrawn'), ('Withdrawn', 'Cancelled'))

union all
select 'an assessment waits for its lane exactly while that runs', d.key
from dpia d
where d.waits_for = 'Review' and not exists (select from approval_round r where r.dpia_id = d.id and r.status in ('Open', 'Disputed'))
    or d.waits_for is distinct from 'Review' and exists (select from approval_round r where r.dpia_id = d.id and r.status = 'Open')

-- lanes

union all
select 'every review has its lane', r.use_case_key || '/' || r.number
from approval_round r where not exists (select from wf.lane_instance i where i.round_id = r.id)

union all
select 'a lane runs exactly while its review is open, unless it stopped', i.id::text
from wf.lane_instance i join approval_round r on r.id = i.round_id
where i.status <> 'Finished/Faulted' and (i.status = 'Running/Suspended') <> (r.status = 'Open')

union all
select 'every decision was told to its lane, and every answer it was told is a decision', i.id::text
from wf.lane_instance i
where exists (select from wf.lane_stimulus told where told.instance_id = i.id and told.kind = 'Start')
    and (select count(*) from decision d where d.round_id = i.round_id)
    <> (select count(*) from wf.lane_stimulus s where s.instance_id = i.id and s.kind = 'Answer')

union all
select 'an ended review has no open task', t.id::text
from review_task t join approval_round r on r.id = t.round_id where t.state = 'Open' and r.status <> 'Open'

union all
select 'a running lane waits for somebody', i.id::text
from wf.lane_instance i
where i.status = 'Running/Suspended' and not exists (select from review_task t where t.instance_id = i.id and t.state = 'Open')

union all
select 'every open task is a bookmark of its lane', t.id::text
from review_task t join wf.lane_instance i on i.id = t.instance_id
where t.state = 'Open' and i.status = 'Running/Suspended'
    and not exists (select from jsonb_array_elements(i.state -> 'bookmarks') b where b ->> 'id' = t.bookmark_id)

union all
select 'every bookmark of a running lane is an open task', i.id || ' ' || (b ->> 'id')
from wf.lane_instance i cross join lateral jsonb_array_elements(i.state -> 'bookmarks') b
where i.status = 'Running/Suspended'
    and not exists (select from review_task t where t.instance_id = i.id and t.state = 'Open' and t.bookmark_id = b ->> 'id')

union all
select 'a decided task has its decision', t.id::text
from review_task t
where t.state = 'Decided' and not exists (select from decision d where d.round_id = t.round_id and d.function = t.function)

union all
select 'a decision has its decided task', d.id::text
from decision d
where not exists (select from review_task t where t.round_id = d.round_id and t.function = d.function and t.state = 'Decided')

union all
select 'the journal has no gap', i.id::text
from wf.lane_instance i
where i.journal_length <> (select coalesce(max(e.sequence), 0) from wf.lane_journal_entry e where e.instance_id = i.id)
    or i.journal_length <> (select count(*) from wf.lane_journal_entry e where e.instance_id = i.id)

union all
select 'no stimulus is missing', i.id::text
from wf.lane_instance i
where i.stimulus_count <> (select count(*) from wf.lane_stimulus s where s.instance_id = i.id)
    or i.stimulus_count <> (select coalesce(max(s.number), 0) from wf.lane_stimulus s where s.instance_id = i.id)

union all
select 'a lane that stopped or disagreed has an incident', i.id::text
from wf.lane_instance i join approval_round r on r.id = i.round_id join use_case u on u.id = r.use_case_id
where u.stage = 'InReview' and r.topic = 'Proposal' and r.revision_number = u.latest_revision
    and (i.status = 'Finished/Faulted' and r.status = 'Open' or r.status = 'Disputed' and not exists (
        select from approval_round later where later.use_case_id = r.use_case_id and later.number > r.number))
    and not exists (select from wf.lane_incident c where c.instance_id = i.id and c.resolved_at is null)

union all
select 'a closed task has no timer that waits', w.id::text
from review_timer w join review_task t on t.id = w.task_id where w.state = 'Pending' and t.state <> 'Open'

union all
select 'an open task is escalated some day', t.id::text
from review_task t join wf.lane_instance i on i.id = t.instance_id
where t.state = 'Open' and i.status = 'Running/Suspended' and t.escalation_level < 5
    and not exists (select from review_timer w where w.task_id = t.id and w.kind = 'Escalate' and w.state = 'Pending')

-- conditions

union all
select 'what a decision asks for is followed up', d.id::text
from decision d join wf.lane_instance i on i.round_id = d.round_id
where exists (select from wf.lane_stimulus told where told.instance_id = i.id and told.kind = 'Start')
    and cardinality(d.conditions) <> (select count(*) from condition_follow_up f where f.decision_id = d.id)

union all
select 'a condition is open exactly when its review was approved', f.id::text
from condition_follow_up f join approval_round r on r.id = f.round_id
where (r.status = 'Open') <> (f.state = 'Pending') and r.status <> 'Disputed'
    or r.status = 'Approved' and f.state = 'Void'
    or r.status in ('ChangesRequested', 'Vetoed', 'Withdrawn', 'Cancelled') and f.state <> 'Void'

-- evidence

union all
select 'the events of a subject are numbered without a gap', e.subject_type || ' ' || e.subject_key
from audit.event e group by e.subject_type, e.subject_key having count(*) <> max(e.subject_version)

union all
select 'a round has as many events as it counts', r.use_case_key || '/' || r.number
from approval_round r
where r.event_count <> (
    select count(*) from audit.event e where e.subject_type = 'approval-round' and e.subject_key = r.use_case_key || '/' || r.number)

union all
select 'every decision has its event and every event its decision', r.use_case_key || '/' || r.number
from approval_round r
where (select count(*) from decision d where d.round_id = r.id) <> (
    select count(*) from audit.event e
    where e.subject_type = 'approval-round' and e.subject_key = r.use_case_key || '/' || r.number and e.action = 'DecisionRecorded')

union all
select 'an ended review has one event of its end, an open one none', r.use_case_key || '/' || r.number
from approval_round r
where r.status not in ('Disputed', 'Cancelled') and (r.status <> 'Open')::int <> (
    select count(*) from audit.event e
    where e.subject_type = 'approval-round' and e.subject_key = r.use_case_key || '/' || r.number and e.action = 'ReviewSettled')

union all
select 'every event has its number in the log or waits for it', coalesce(e.event_id, n.event_id)::text
from audit.event e
    full join (select event_id, count(*) numbers from (select event_id from audit.leaf union all select event_id from audit.pending) given group by event_id) n on n.event_id = e.event_id
where e.event_id is null or n.numbers is distinct from 1

union all
select 'the log has no gap, and each checkpoint is of entries it has', 'audit.leaf'
from (select count(*) leaves, coalesce(max(index) + 1, 0) next from audit.leaf) l
where l.leaves <> l.next or exists (select from audit.checkpoint c where c.size > l.leaves)

-- switches

union all
select 'the generation is not behind a switch', k.id::text
from kill_switch k cross join enforcement_generation g where k.generation > g.value

-- telemetry: totals are what was counted. Of calls that are old enough to be dropped (never those of four weeks) fewer may be left than
-- were counted: whole months go, an old trace may come in while they do, and a hold may keep a part of a minute.

union all
select 'the totals of a minute are the sum of its calls and counted metrics', c.k || ' ' || c.minute || ' ' || c.model || ' ' || c.g
from (
    select k, minute, model, g, sum(calls) as calls, sum(failed) as failed, sum(input) as input, sum(output) as output, sum(cost) as cost
    from (
        select coalesce(use_case_key, '') as k, date_trunc('minute', started_at, 'UTC') as minute, model, case when starts_with(account, 'Gateway') then reported_by else '' end as g,
            1 as calls, failed::int as failed, coalesce(input_tokens, 0) as input, coalesce(output_tokens, 0) as output, coalesce(cost, 0) as cost
        from telemetry.call where merged_into is null
        union all
        select use_case_key, minute, model, gateway, calls, failed_calls, input_tokens, output_tokens, cost from telemetry.metric_usage where counted
    ) each group by k, minute, model, g
) c left join telemetry.usage_minute m on m.use_case_key = c.k and m.minute = c.minute and m.model = c.model and m.gateway = c.g
where (c.calls, c.failed, c.input, c.output, c.cost) is distinct from (m.calls, m.failed_calls, m.input_tokens, m.output_tokens, m.cost)
    and not coalesce(c.minute < current_date - 27 and c.calls < m.calls and c.failed <= m.failed_calls and c.input <= m.input_tokens and c.output <= m.output_tokens, false)

union all
select 'the totals of an hour are the sum of its minutes', h.use_case_key || ' ' || h.hour || ' ' || h.model || ' ' || h.gateway
from telemetry.usage_hour h left join (
    select use_case_key, date_trunc('hour', minute, 'UTC') as hour, model, gateway, sum(calls) as calls, sum(input_tokens + output_tokens) as tokens, sum(cost) as cost,
        telemetry.merge_histograms(latency) as latency
    from telemetry.usage_minute group by 1, 2, 3, 4
) m using (use_case_key, hour, model, gateway)
where (h.calls, h.input_tokens + h.output_tokens, h.cost) is distinct from (m.calls, m.tokens, m.cost)
    or (select sum(n) from unnest(h.latency) n) is distinct from (select sum(n) from unnest(m.latency) n)

union all
select 'the totals of a day are the sum of its hours', d.use_case_key || ' ' || d.day || ' ' || d.model || ' ' || d.gateway
from telemetry.usage_day d left join (
    select use_case_key, date_trunc('day', hour, 'UTC') as day, model, gateway, sum(calls) as calls, sum(input_tokens + output_tokens) as tokens, sum(cost) as cost
    from telemetry.usage_hour group by 1, 2, 3, 4
) h using (use_case_key, day, model, gateway)
where (d.calls, d.input_tokens + d.output_tokens, d.cost) is distinct from (h.calls, h.tokens, h.cost)

-- what rules cleared and people set aside

union all
select 'what was taken back is not in force', c.use_case_key || '/' || c.revision
from clearance c join use_case u on u.key = c.use_case_key and u.approved_revision = c.revision
where c.ended_at is not null

union all
select 'a revision that names a pattern was cleared when it was approved', u.key
from use_case u join use_case_revision r on r.use_case_id = u.id and r.number = u.approved_revision
where r.assessment -> 'clearedAs' is not null and not exists (select from clearance c where c.use_case_key = u.key and c.revision = r.number)

union all
select 'a judgement names an override that another person confirmed', u.key || '/' || r.number
from use_case u join use_case_revision r on r.use_case_id = u.id
where r.assessment -> 'overridden' is not null and not exists (
    select from judgement_override o where o.use_case_key = u.key and o.number = (r.assessment -> 'overridden' ->> 'number')::int and o.decided_by <> o.proposed_by)

-- evidence

union all
select 'a line that tells of a kept file has it', i.key || '/' || e.number
from incident_entry e join incident i on i.id = e.incident_id
where e.file_type is not null and not exists (select from incident_file f where f.entry_id = e.id)

union all
select 'a result names its signer exactly when its signature is kept', r.id::text
from gate_result r left join gate_signature s on s.result_id = r.id
where (r.key_id is null) <> (s.result_id is null)

-- documents

union all
select 'what a document holds is there as long as it is kept', d.id::text
from use_case_document d left join use_case_document_file f on f.document_id = d.id
where d.is_kept <> (f.document_id is not null) or f.content is not null and d.content_hash <> 'sha256:' || encode(sha256(f.content), 'hex')

-- stage gates

union all
select 'what is past an idea has passed its gates or was never asked', u.key
from use_case u
where u.gates_asked and u.phase in ('ProofOfConcept', 'Pilot', 'Production') and (select count(*) from stage_gate_answer a where a.use_case_key = u.key and a.outcome = 'Passed') < 4

union all
select 'a gate is answered after the gates before it', a.use_case_key || ' ' || a.gate
from (select use_case_key, gate, array_position(array['ProblemValidation', 'DataAvailability', 'OperationalFeasibility', 'HumanInTheLoop'], gate) as place from stage_gate_answer) a
where (select count(*) from stage_gate_answer p where p.use_case_key = a.use_case_key and p.outcome = 'Passed'
    and array_position(array['ProblemValidation', 'DataAvailability', 'OperationalFeasibility', 'HumanInTheLoop'], p.gate) < a.place) < a.place - 1

union all
select 'a use case that a gate killed has ended', a.use_case_key
from stage_gate_answer a join use_case u on u.key = a.use_case_key
where a.outcome = 'Killed' and u.stage <> 'Retired'

-- measured effect

union all
select 'what was corrected counts no more', r.id::text
from kpi_reading r join kpi_reading c on c.corrects = r.id
where r.withdrawn_at is null or c.use_case_key <> r.use_case_key

-- people

union all
select 'a rollout is where its last decision left it', r.use_case_key
from rollout r
where r.phase <> coalesce((select d.to_phase from rollout_decision d where d.use_case_key = r.use_case_key order by d.number desc limit 1), 0)
    or (select count(*) from rollout_decision d where d.use_case_key = r.use_case_key) <> (select coalesce(max(d.number), 0) from rollout_decision d where d.use_case_key = r.use_case_key)

union all
select 'a completion has the certificate that it tells of', c.id::text
from training_completion c where (c.file_type is not null) <> exists (select from training_certificate f where f.completion_id = c.id)

union all
select 'a failure counts each person it happened to', f.key
from shared_failure f where f.met <> (select count(*) from failure_encounter e where e.failure_key = f.key);
