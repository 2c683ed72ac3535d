using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.StageGates;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.StageGates;

/// <summary>An idea becomes a proof of concept gate by gate; each gate can end it, and nobody passes what they wrote.</summary>
public sealed class StageGateTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Mapping = "name: small\nfields:\n  title: { column: Name }\n  businessUnit: { column: Unit }\n  phase: { column: State, words: { production: [running], pilot: [trial], idea: [idea] }, blank: unknown }\n";

    [Fact]
    public async Task Gates_are_passed_one_after_another_by_somebody_who_wrote_nothing_for_them()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("coe-lead"), HelpBotProposal)).Key;
        Assert.Equal("earlier-gate-open", await RuleAsync(() => AnswerAsync(key, StageGate.DataAvailability)));
        Assert.Equal("gates-open", await RuleAsync(() => MoveAsync(key, Phase.ProofOfConcept)));
        Assert.Equal("nothing-to-decide", await RuleAsync(() => Get<DecideStageGate>().RunAsync(key, StageGate.ProblemValidation, StageGateOutcome.Passed, "Fine.", null, "", Who("risk"))));
        await Assert.ThrowsAsync<InvalidFieldsException>(() => Get<AnswerStageGate>().RunAsync(key, StageGate.ProblemValidation, new(new Dictionary<string, string> { ["who"] = "Clerks." }, ""), Who("coe-lead")));
        await Assert.ThrowsAsync<InvalidFieldsException>(() => AnswerAsync(key, StageGate.ProblemValidation, more: "not-asked"));

        var answer = await AnswerAsync(key, StageGate.ProblemValidation);

        Assert.Equal("answer-waits", await RuleAsync(() => AnswerAsync(key, StageGate.ProblemValidation)));
        Assert.Equal("own-answer", await RuleAsync(() => DecideAsync(answer, StageGateOutcome.Passed, "coe-lead")));
        Assert.Equal("not-permitted", await RuleAsync(() => DecideAsync(answer, StageGateOutcome.Passed, "legal")));
        Assert.Equal("reason-required", await RuleAsync(() => DecideAsync(answer, StageGateOutcome.Passed, "risk", " ")));
        Assert.Equal("answer-outdated", await RuleAsync(() => Get<DecideStageGate>().RunAsync(key, StageGate.ProblemValidation, StageGateOutcome.Passed, "Fine.", null, "sha256:0", Who("risk"))));
        await DecideAsync(answer, StageGateOutcome.NotPassed, "risk");
        Assert.Equal("already-decided", await RuleAsync(() => DecideAsync(answer, StageGateOutcome.Passed, "risk")));
        Assert.Equal("earlier-gate-open", await RuleAsync(() => AnswerAsync(key, StageGate.DataAvailability)));

        // Whoever wrote the first answer wrote for the gate, also when another writes the better one.
        var better = await AnswerAsync(key, StageGate.ProblemValidation, "coe-lead2");
        Assert.Equal("own-answer", await RuleAsync(() => DecideAsync(better, StageGateOutcome.Passed, "coe-lead")));
        await DecideAsync(better, StageGateOutcome.Passed, "risk");
        Assert.Equal("gate-passed", await RuleAsync(() => AnswerAsync(key, StageGate.ProblemValidation)));
        await PassAsync(key, StageGate.DataAvailability, StageGate.OperationalFeasibility, StageGate.HumanInTheLoop);
        var sheet = await Get<StageGateSheets>().OfAsync(key, Who("auditor"));
        Assert.True(sheet.AllPassed);
        Assert.Equal([2, 1, 1, 1], sheet.Gates.Select(g => g.Answers.Count));
        Assert.Equal("2026.11", sheet.Gates[0].Answers[0].RulesVersion);

        await MoveAsync(key, Phase.ProofOfConcept);
        Assert.Equal(Phase.ProofOfConcept, (await UseCaseAsync(key)).Phase);
        Assert.Equal(["StageGateAnswered", "StageGateDecided", "PhaseMoved"], (await ActionsAsync(key))[^3..]);
    }

    [Fact]
    public async Task Whoever_can_decide_is_told_of_an_answer_and_whoever_wrote_it_of_the_decision()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("coe-lead"), HelpBotProposal)).Key;

        var answer = await AnswerAsync(key, StageGate.ProblemValidation);

        Assert.Contains("stage-gate-waits", await ToldAsync("risk"));
        Assert.Contains("stage-gate-waits", await ToldAsync("coe-lead2"));
        Assert.Empty(await ToldAsync("coe-lead"));
        Assert.Empty(await ToldAsync("legal"));
        await DecideAsync(answer, StageGateOutcome.NotPassed, "risk");
        Assert.Equal(["stage-gate-decided"], await ToldAsync("coe-lead"));
        // The better answer: who wrote the first decides on neither, so is not asked to.
        await AnswerAsync(key, StageGate.ProblemValidation, "coe-lead2");
        Assert.Equal(["stage-gate-decided"], await ToldAsync("coe-lead"));
        Assert.Equal(2, (await ToldAsync("risk")).Count);
    }

    [Fact]
    public async Task A_killed_gate_ends_the_use_case_with_its_reason_and_what_it_taught()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        await PassAsync(key, StageGate.ProblemValidation);
        var answer = await AnswerAsync(key, StageGate.DataAvailability, "submitter");
        Assert.Equal("lesson-required", await RuleAsync(() => DecideAsync(answer, StageGateOutcome.Killed, "risk")));

        await Get<DecideStageGate>().RunAsync(key, StageGate.DataAvailability, StageGateOutcome.Killed, "Nobody may use the archive.", "Ask the owner of the data first.", answer.ContentHash, Who("risk"));

        var useCase = await UseCaseAsync(key);
        Assert.Equal((Stage.Retired, Phase.Retired), (useCase.Stage, useCase.Phase));
        var told = Assert.Single((await Get<StoppedUseCases>().ForAsync(Who("auditor"))).Items);
        Assert.Equal(("Nobody may use the archive.", "Ask the owner of the data first."), (told.Reason, told.Lesson));
        Assert.Equal(["StageGateDecided", "UseCaseStopped"], (await ActionsAsync(key)).TakeLast(2).Order());
        Assert.Equal([StageGateState.Passed, StageGateState.Killed, StageGateState.NotYet, StageGateState.NotYet], (await Get<StageGateSheets>().OfAsync(key, Who("risk"))).Gates.Select(g => g.State));
        Assert.Equal("retired", await RuleAsync(() => AnswerAsync(key, StageGate.DataAvailability)));
        Assert.Equal("retired", await RuleAsync(() => MoveAsync(key, Phase.ProofOfConcept)));
    }

    [Fact]
    public async Task What_is_being_reviewed_is_withdrawn_before_a_gate_kills_it_and_then_nothing_of_the_kill_is_kept()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        var answer = await AnswerAsync(key, StageGate.ProblemValidation, "submitter");
        await Get<CoEPortal.Governance.Approvals.SubmitProposal>().RunAsync(key, null, Who("submitter"));

        Assert.Equal("in-review", await RuleAsync(() => Get<DecideStageGate>().RunAsync(key, StageGate.ProblemValidation, StageGateOutcome.Killed, "No.", "Ask.", answer.ContentHash, Who("risk"))));

        Assert.Equal(StageGateState.Waits, (await Get<StageGateSheets>().OfAsync(key, Who("risk"))).Gates[0].State);
        Assert.DoesNotContain("StageGateDecided", await ActionsAsync(key));
    }

    [Fact]
    public async Task A_pilot_needs_an_approval_and_production_a_credential_and_a_released_switch()
    {
        var draft = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        await PassAsync(draft);
        await MoveAsync(draft, Phase.ProofOfConcept);
        Assert.Equal("not-approved", await RuleAsync(() => MoveAsync(draft, Phase.Pilot)));

        var key = await GivenAnApprovedAsync(HelpBotProposal);
        Assert.Equal("gates-open", await RuleAsync(() => MoveAsync(key, Phase.ProofOfConcept)));
        await PassAsync(key);
        Assert.Equal("move-not-allowed", await RuleAsync(() => MoveAsync(key, Phase.Pilot)));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<MovePhase>().RunAsync(key, Phase.ProofOfConcept, "Because.", Who("submitter"))));
        Assert.Equal("reason-required", await RuleAsync(() => Get<MovePhase>().RunAsync(key, Phase.ProofOfConcept, " ", Who("risk"))));
        await MoveAsync(key, Phase.ProofOfConcept);
        await MoveAsync(key, Phase.Pilot);
        Assert.Equal("no-credential", await RuleAsync(() => MoveAsync(key, Phase.Production)));
        await Get<BindCredential>().RunAsync(key, CredentialKind.Team, "help", "gw", Who("coe-lead"));
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong sums.", "", Who("security"));
        Assert.Equal("stopped", await RuleAsync(() => MoveAsync(key, Phase.Production)));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Mended.", Who("coe-lead"));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Mended.", Who("security2"));
        await MoveAsync(key, Phase.Production);
        Assert.Equal("end-it", await RuleAsync(() => MoveAsync(key, Phase.Retired)));
        await MoveAsync(key, Phase.Pilot);
        Assert.Equal(Phase.Pilot, (await UseCaseAsync(key)).Phase);
    }

    [Fact]
    public async Task What_was_taken_over_past_an_idea_is_not_asked_and_no_move_makes_the_ungoverned_governed()
    {
        var made = await Get<ImportUseCases>().RunAsync("Name,Unit,State\nLetters,Claims,trial\nPost,Claims,running\nMaps,Claims,idea\n"u8.ToArray(), ImportMappings.Given(Mapping), false, Who("coe-lead"));
        var (trial, running, idea) = (made.Rows[0].Key!, made.Rows[1].Key!, made.Rows[2].Key!);

        Assert.All((await Get<StageGateSheets>().OfAsync(trial, Who("risk"))).Gates, g => Assert.Equal(StageGateState.NotAsked, g.State));
        Assert.Equal("gates-not-asked", await RuleAsync(() => AnswerAsync(trial, StageGate.ProblemValidation)));
        Assert.Equal("not-approved", await RuleAsync(() => MoveAsync(trial, Phase.Production)));
        await MoveAsync(trial, Phase.ProofOfConcept);
        Assert.Equal((Phase.Pilot, false), ((await UseCaseAsync(trial)).RegisteredPhase, (await UseCaseAsync(trial)).IsUngoverned));
        Assert.Equal("ungoverned", await RuleAsync(() => MoveAsync(running, Phase.Pilot)));
        Assert.True((await UseCaseAsync(running)).IsUngoverned);
        Assert.Equal("gates-open", await RuleAsync(() => MoveAsync(idea, Phase.ProofOfConcept)));
    }

    [Fact]
    public async Task The_database_keeps_words_and_decisions_and_lets_nobody_around_the_gates()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        await PassAsync(key, StageGate.ProblemValidation);

        foreach (var (sql, constraint) in new[]
        {
            ("update use_case set phase = 'ProofOfConcept'", "a_proof_of_concept_comes_after_its_gates"),
            ("update use_case set gates_asked = false", "gates_stay_asked"),
            ("update stage_gate_answer set outcome = 'Killed'", "a_decision_at_a_gate_stands"),
            ("update stage_gate_text set text = 'Other words.'", "only_added_to"),
        })
        {
            Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql))).ConstraintName);
        }
    }

    [Fact]
    public void A_file_that_leaves_a_gate_out_or_asks_nothing_is_refused()
    {
        const string Yaml = "version: a\neffectiveOn: 2026-01-01\ngates:\n  - { gate: problemValidation, title: Problem, questions: [{ id: a, text: Why }, { id: a, text: Why }] }\n";

        Assert.Contains("is described once", VersionedFile.Read<StageGateRules>(Yaml, "a.yaml", out _)!.Reason, StringComparison.Ordinal);
        Assert.Empty(Get<StageGateSheets>().Refused);
    }

    private async Task PassAsync(string key, params StageGate[] gates)
    {
        foreach (var gate in gates is [] ? Enum.GetValues<StageGate>() : gates)
        {
            await DecideAsync(await AnswerAsync(key, gate), StageGateOutcome.Passed, "risk");
        }
    }

    private Task<StageGateAnswer> AnswerAsync(string key, StageGate gate, string persona = "coe-lead", string? more = null)
    {
        var answers = Get<VersionedFiles<StageGateRules>>().InForce(Clock.GetUtcNow())[gate].Questions.Select(q => q.Id).Append(more).OfType<string>().ToDictionary(id => id, id => $"About {id}.");
        return Get<AnswerStageGate>().RunAsync(key, gate, new(answers, "Interviews of October"), Who(persona));
    }

    private Task<StageGateAnswer> DecideAsync(StageGateAnswer answer, StageGateOutcome outcome, string persona, string reason = "As the evidence shows.") =>
        Get<DecideStageGate>().RunAsync(answer.UseCaseKey, answer.Gate, outcome, reason, null, answer.ContentHash, Who(persona));

    private Task<UseCase> MoveAsync(string key, Phase to) => Get<MovePhase>().RunAsync(key, to, "Six weeks went well.", Who("risk"));

    private async Task<List<string>> ToldAsync(string persona) => [.. (await Get<Governance.Notifications.NotificationInbox>().OfAsync(Who(persona), size: 100)).Items.Select(n => n.Kind)];
}
