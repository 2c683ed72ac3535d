using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using Npgsql;

namespace CoEPortal.Tests.Persistence;

/// <summary>Each rule of <c>db/invariants.sql</c> finds the damage it is there for: a check that cannot fail protects nothing.</summary>
public sealed class InvariantsTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Zeros = "'sha256:' || repeat('0', 64)";

    /// <summary>What would refuse the damage; only the owner of the database gets past it.</summary>
    private const string Defenceless =
        """
        alter table audit.leaf disable trigger user;
        alter table audit.event disable trigger user;
        alter table use_case disable trigger user;
        alter table use_case_revision disable trigger user;
        alter table promotion disable trigger user;
        alter table clearance disable trigger user;
        alter table approval_round disable trigger user;
        alter table decision disable trigger user;
        alter table decision_signatory disable trigger user;
        alter table wf.lane_stimulus disable trigger user;
        alter table wf.lane_journal disable trigger user;
        alter table kill_switch disable trigger user;
        """;

    /// <summary>Rule and damage. UC-0001 is approved with a condition, UC-0002 is in review, UC-0003 is of high risk.</summary>
    private static readonly Dictionary<string, string> Damages = new()
    {
        ["an approved round has a decision of every required function"] = "update approval_round set required_functions = array_append(required_functions, 'Brand') where use_case_key = 'UC-0001'",
        ["no approval beside a veto or a wish for changes"] = $"update decision set kind = 'Veto', comment = 'No.' where function = 'Security' and {InRound("UC-0001")}",
        ["a decision counts only for the content of its round"] = $"update decision set content_hash = {Zeros} where {InRound("UC-0002")}",
        ["a round is about the content of its revision"] = $"update approval_round set content_hash = {Zeros} where use_case_key = 'UC-0002'",
        ["nobody who wrote it stands behind a decision"] = "update approval_round set authors = array['legal@demo'] where use_case_key = 'UC-0002'",
        ["one person stands behind one decision of a round"] = $"update decision set on_behalf_of_id = 'legal@demo' where function = 'Privacy' and {InRound("UC-0002")}",
        ["the list of signatories is complete"] = "delete from decision_signatory where person_id = 'privacy@demo'",
        ["a stand-in was named for that person, function and day"] = "delete from delegation",
        ["who decides on a high risk had just been confirmed"] = $"update decision set confirmed_at = decided_at - interval '1 hour' where {InRound("UC-0003")}",
        ["what is in force was approved"] = "update use_case set approved_revision = 1 where key = 'UC-0002'",
        ["a use case in review has a review that runs, or one that waits for the operators"] = "update approval_round set status = 'Withdrawn', closed_at = now() where use_case_key = 'UC-0002'",
        ["no review runs for a use case that is not in review"] = "update use_case set stage = 'Draft' where key = 'UC-0002'",
        ["every review has its lane"] =
            """
            insert into approval_round (id, use_case_id, use_case_key, revision_number, number, content_hash, lane, required_functions, authors, status, opened_at, closed_at, version, event_count, tier, topic, topic_name)
                select gen_random_uuid(), use_case_id, use_case_key, revision_number, 2, content_hash, lane, required_functions, authors, 'Withdrawn', opened_at, now(), 1, 0, tier, topic, topic_name
                from approval_round where use_case_key = 'UC-0001'
            """,
        ["a promotion waits for its board, and ends with it"] =
            """
            with asked as (
                insert into promotion (id, use_case_key, number, component, artefact, artefact_version, artefact_hash, summary, authors, required_functions, requested_by, requested_by_name, requested_at, state, version, event_count)
                    select gen_random_uuid(), use_case_key, 1, 'Prompt', 'a', '1', content_hash, '', authors, required_functions, 'ci', 'ci', now(), 'Open', 1, 0 from approval_round where use_case_key = 'UC-0001'
                    returning id)
            insert into approval_round (id, use_case_id, use_case_key, revision_number, number, content_hash, lane, required_functions, authors, status, opened_at, closed_at, version, event_count, tier, topic, topic_id, topic_name)
                select gen_random_uuid(), use_case_id, use_case_key, revision_number, 2, content_hash, lane, required_functions, authors, 'Vetoed', opened_at, now(), 1, 0, tier, 'Promotion', asked.id, 'P1'
                from approval_round, asked where use_case_key = 'UC-0001'
            """,
        ["a lane runs exactly while its review is open, unless it stopped"] = $"update wf.lane_instance set status = 'Finished/Finished' where {InRound("UC-0002")}",
        ["every decision was told to its lane, and every answer it was told is a decision"] = $"update wf.lane_stimulus set kind = 'Retry' where number = 2 and {OfInstance("UC-0002")}",
        ["an ended review has no open task"] = "update approval_round set status = 'Withdrawn', closed_at = now() where use_case_key = 'UC-0002'",
        ["a running lane waits for somebody"] = "update review_task set state = 'Withdrawn', closed_at = now() where use_case_key = 'UC-0002' and state = 'Open'",
        ["every open task is a bookmark of its lane"] = "update review_task set bookmark_id = 'none' where use_case_key = 'UC-0002' and state = 'Open'",
        ["every bookmark of a running lane is an open task"] = "update review_task set state = 'Withdrawn', closed_at = now() where use_case_key = 'UC-0002' and state = 'Open'",
        ["a decided task has its decision"] = "update review_task set function = 'Brand' where use_case_key = 'UC-0002' and function = 'Legal'",
        ["a decision has its decided task"] = "update review_task set state = 'Withdrawn' where use_case_key = 'UC-0002' and function = 'Legal'",
        ["the journal has no gap"] = $"delete from wf.lane_journal where first = 1 and {OfInstance("UC-0002")}",
        ["no stimulus is missing"] = $"delete from wf.lane_stimulus where number = 1 and {OfInstance("UC-0002")}",
        ["a lane that stopped or disagreed has an incident"] = $"update wf.lane_instance set status = 'Finished/Faulted' where {InRound("UC-0002")}",
        ["a closed task has no timer that waits"] = "update review_timer set state = 'Pending', done_at = null where state = 'Dropped'",
        ["an open task is escalated some day"] = "delete from review_timer where kind = 'Escalate' and state = 'Pending' and task_id is not null",
        ["what a decision asks for is followed up"] = "delete from review_timer where follow_up_id is not null; delete from condition_follow_up",
        ["a condition is open exactly when its review was approved"] = "update condition_follow_up set state = 'Void' where use_case_key = 'UC-0001'",
        ["the events of a subject are numbered without a gap"] = "delete from audit.pending; delete from audit.event where subject_key = 'UC-0001' and subject_version = 2",
        ["a round has as many events as it counts"] = "update approval_round set event_count = event_count + 1 where use_case_key = 'UC-0001'",
        ["every decision has its event and every event its decision"] = "update audit.event set action = 'ReviewTaskClaimed' where action = 'DecisionRecorded' and use_case_key = 'UC-0001'",
        ["an ended review has one event of its end, an open one none"] = "update audit.event set action = 'ReviewTaskClaimed' where action = 'ReviewSettled'",
        ["every event has its number in the log or waits for it"] = "delete from audit.pending",
        ["the log has no gap, and each checkpoint is of entries it has"] = "insert into audit.leaf (index, event_id, hash) select 7, event_id, sha256('x') from audit.pending limit 1",
        ["the generation is not behind a switch"] = "update kill_switch set generation = generation + 100",
        ["the totals of a minute are the sum of its calls and counted metrics"] = "update telemetry.call set input_tokens = input_tokens + 1",
        ["the totals of an hour are the sum of its minutes"] = "update telemetry.usage_hour set cost = cost + 1",
        ["what was taken back is not in force"] =
            """
            insert into pattern (id, key, title, owner_id, owner_name, draft, content_hash, editors, latest_version, changed_at, version, event_count)
                select gen_random_uuid(), 'PAT-9999', 'x', 'x', 'x', '{}', content_hash, '{}', 0, now(), 1, 0 from approval_round where use_case_key = 'UC-0001';
            insert into clearance (id, use_case_key, revision, pattern_key, pattern_version, number, cleared_at, is_sampled, ended_at, ended_because, detail, note, version, event_count)
                values (gen_random_uuid(), 'UC-0001', 1, 'PAT-9999', 1, 1, now(), false, now(), 'PatternExpired', '', '', 1, 0)
            """,
        ["a revision that names a pattern was cleared when it was approved"] = $"update use_case_revision set assessment = assessment || '{{\"clearedAs\": {{}}}}' where {OfRevision("UC-0001")}",
        ["a judgement names an override that another person confirmed"] = $"update use_case_revision set assessment = assessment || '{{\"overridden\": {{\"number\": 1}}}}' where {OfRevision("UC-0001")}",
        ["a line that tells of a kept file has it"] =
            $"""
            with found as (
                insert into incident (id, key, title, description, category, state, harms, is_widespread, risk_to_people, groups_affected, use_case_keys, occurred_at, detected_at, aware_at, reported_at, reported_by, reported_by_name, entry_count, version, event_count)
                    values (gen_random_uuid(), 'INC-9999', 'x', '', 'Other', 'Reported', array[]::text[], false, 'Unknown', '', array[]::text[], now(), now(), now(), now(), 'x', 'x', 1, 1, 0) returning id)
            insert into incident_entry (id, incident_id, number, kind, happened_at, recorded_at, author_id, author_name, text, evidence, evidence_hash, file_type, file_length)
                select gen_random_uuid(), found.id, 1, 'Evidence', now(), now(), 'x', 'x', 'x', 'a.pdf', {Zeros}, 'application/pdf', 9 from found
            """,
        ["what a document holds is there as long as it is kept"] =
            $"""
            insert into use_case_document (id, use_case_key, number, title, file_name, media_type, length, content_hash, keys_taken, added_by, added_by_name, added_at, reason, is_kept, version, event_count)
                values (gen_random_uuid(), 'UC-0001', 1, 'x', 'x', 'text/plain', 1, {Zeros}, false, 'x', 'x', now(), '', true, 1, 0)
            """,
        ["a result names its signer exactly when its signature is kept"] =
            """
            with result as (
                insert into gate_result (id, use_case_key, run_id, component, artefact, artefact_version, artefact_hash, suite, examples, metrics, evaluated_at, received_at, reported_by, version, event_count)
                    values (gen_random_uuid(), 'UC-0001', 'x', 'Prompt', 'x', '1', 'sha256:' || repeat('0', 64), 'x', 1, '{}', now(), now(), 'x', 1, 0) returning id)
            insert into gate_signature (result_id, body, signature) select result.id, '\x00', '\x0000000000000000' from result
            """,
        ["what is past an idea has passed its gates or was never asked"] = "update use_case set phase = 'Pilot' where key = 'UC-0001'",
        ["a gate is answered after the gates before it"] = GateAnswer("DataAvailability", "Passed"),
        ["a use case that a gate killed has ended"] = GateAnswer("ProblemValidation", "Killed"),
        ["what was corrected counts no more"] =
            """
            with wrong as (
                insert into kpi_reading (id, use_case_key, measured_on, arm, mean, sample, entered_by, entered_by_name, entered_at, push_id, pushed_by, version, event_count)
                    values (gen_random_uuid(), 'UC-0001', now(), 'WithAi', 1, 1, 'x', 'x', now(), 'a', 'x', 1, 0) returning id)
            insert into kpi_reading (id, use_case_key, measured_on, arm, mean, sample, entered_by, entered_by_name, entered_at, push_id, pushed_by, corrects, version, event_count)
                select gen_random_uuid(), 'UC-0001', now(), 'WithAi', 2, 1, 'x', 'x', now(), 'b', 'x', id, 1, 0 from wrong
            """,
        ["the totals of a day are the sum of its hours"] = "update telemetry.usage_day set calls = calls + 1",
        ["a rollout is where its last decision left it"] = "insert into rollout (use_case_key, phase, phases, cohorts, version, event_count) values ('UC-0001', 1, '[{}]', '[]', 1, 0)",
        ["an assessment waits for its lane exactly while that runs"] =
            """
            insert into dpia (id, key, use_case_key, draft, content_hash, editors, advice, answer, waits_for, overdue_level, latest_version, is_signed_off, is_review_told, signed_facts, reopened_because, changed_at, version, event_count)
            select gen_random_uuid(), 'DPIA-0001', key, '{}', 'sha256:' || repeat('0', 64), '{}', '', '', 'Review', 0, 0, false, false, '{}', '', now(), 1, 0 from use_case limit 1
            """,
        ["a completion has the certificate that it tells of"] =
            """
            insert into course (key, title, description, for_roles, edition, oldest_counting, valid_for_days, required_by, version, event_count) values ('x', 'x', '', '{}', 1, 1, 91, '{}', 1, 0);
            insert into training_completion (id, course_key, edition, learner, completed_on, evidence, evidence_hash, file_type, file_length, source, recorded_by, recorded_at)
            values (gen_random_uuid(), 'x', 1, substr(sha256('x'), 1, 16), '2026-11-20', 'x', 'sha256:' || repeat('0', 64), 'text/plain', 1, 'Form', 'x', now())
            """,
        ["a failure counts each person it happened to"] =
            "insert into shared_failure (key, title, happened, learnt, workaround, kind, use_cases, state, written_by, written_by_name, written_at, met, version, event_count) values ('SF-0001', 'x', 'x', 'x', '', 'Tool', '{}', 'Waiting', 'x', 'x', now(), 3, 1, 0)",
    };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var approved = await GivenADecisionOfLegalAsync(ClaimsProposal);
        while (await OpenTaskAsync(approved) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
        }

        var asked = await GivenADecisionOfLegalAsync(ClaimsProposal);
        var privacy = (await OpenTaskAsync(asked, Role.Privacy))!;
        var today = Get<Organisation>().DayOf(Clock.GetUtcNow());
        await Get<DelegateReview>().RunAsync(privacy.Id, Role.Privacy, Who("privacy2").Id, today, today, "On leave.", Who("privacy"));
        await DecideAsync(privacy, "privacy2", DecisionKind.Approve);
        await GivenADecisionOfLegalAsync(BenefitsProposal);
        await Get<RecordCalls>().RunAsync([new ReportedCall { Source = "test", SourceEventId = "a", StartedAt = Clock.GetUtcNow(), InputTokens = 100 }], approved);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, approved, SwitchMode.Stop, "Wrong sums in letters.", "", Who("security"));
    }

    [Fact]
    public async Task Every_rule_finds_the_damage_it_is_there_for()
    {
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        var blind = new List<string>();
        foreach (var rule in Invariants.Rules)
        {
            await using var rolledBack = await connection.BeginTransactionAsync();
            await ExecuteAsync(connection, Defenceless);
            if (!Damages.TryGetValue(rule, out var damage) || await ExecuteAsync(connection, damage) == 0
                || !(await Invariants.BrokenAsync(connection)).Any(broken => broken.StartsWith(rule + ": ", StringComparison.Ordinal)))
            {
                blind.Add(rule);
            }
        }

        Assert.NotEmpty(Invariants.Rules);
        Assert.Empty(blind);
    }

    private async Task<string> GivenADecisionOfLegalAsync(Proposal proposal)
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), proposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        await DecideAsync(
            (await OpenTaskAsync(useCase.Key, Role.Legal))!, "legal", DecisionKind.ApproveWithConditions, "Customers must know.", null, "Say that AI helped.");
        return useCase.Key;
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    private static string GateAnswer(string gate, string outcome) =>
        $"""
        insert into stage_gate_answer (id, use_case_key, gate, number, rules_version, content_hash, evidence, written_by, written_by_name, written_at, outcome, reason, decided_by, decided_by_name, decided_at, version, event_count)
            values (gen_random_uuid(), 'UC-0001', '{gate}', 1, 'x', {Zeros}, '', 'x', 'x', now(), '{outcome}', 'x', 'y', 'y', now(), 1, 0)
        """;

    private static string InRound(string key) => $"round_id in (select id from approval_round where use_case_key = '{key}')";

    private static string OfRevision(string key) => $"use_case_id in (select id from use_case where key = '{key}')";

    private static string OfInstance(string key) => $"instance_id in (select id from wf.lane_instance where {InRound(key)})";
}
