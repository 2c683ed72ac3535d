using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reports;
using Npgsql;

namespace CoEPortal.Tests.Exercises;

public sealed class ExerciseTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    private RunExercise Run => Get<RunExercise>();

    private DateOnly Today => Get<Organisation>().DayOf(Clock.GetUtcNow());

    [Fact]
    public async Task It_starts_with_everybody_seated_is_scored_by_the_timer_and_its_findings_are_followed()
    {
        var key = await GivenARunningAsync();
        Clock.Advance(TimeSpan.FromMinutes(4));
        await Run.DoStepAsync(key, 1, "", Who("risk"));
        Clock.Advance(TimeSpan.FromMinutes(36));
        await Run.DoStepAsync(key, 4, "Rotated.", Who("security"));

        Assert.Equal("step-settled", await RuleAsync(() => Run.DoStepAsync(key, 1, "", Who("risk"))));
        Assert.Equal("drill-needed", await RuleAsync(() => Run.DoStepAsync(key, 2, "", Who("security"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Run.DoStepAsync(key, 3, "", Who("auditor"))));
        await Run.NoteAsync(key, "Nobody had the key of the vault.", Who("coe-lead"));
        var ended = await Run.EndAsync(key, "Keys take too long.", Who("coe-lead"));
        // 1 in time, 1 late, of 7 steps.
        Assert.Equal((ExerciseState.Ended, 21), (ended.State, ended.Score));

        await Run.FindAsync(key, "One key for each use case", Who("security").Id, Today.AddDays(30), Who("coe-lead"));
        await Run.MoveFindingAsync(key, 1, ActionState.Done, "Split.", Who("security"));
        Assert.Equal("own-action", await RuleAsync(() => Run.MoveFindingAsync(key, 1, ActionState.Verified, "Saw it.", Who("security"))));
        await Run.MoveFindingAsync(key, 1, ActionState.Verified, "Saw it.", Who("risk"));
        Assert.Equal(
            ["ExercisePlanned", "ExerciseSeated", "ExerciseSeated", "ExerciseSeated", "ExerciseSeated", "ExerciseStarted", "ExerciseStepDone", "ExerciseStepDone", "ExerciseNoted", "ExerciseEnded", "ExerciseFindingOpened", "ExerciseFindingMoved", "ExerciseFindingMoved"],
            (await EntriesAsync(e => e.SubjectKey == key)).Select(e => e.Action));
    }

    [Fact]
    public async Task The_rehearsal_in_it_is_a_real_drill_and_alone_does_its_step()
    {
        var key = await GivenARunningAsync();

        await AsOwnerAsync("insert into enforcement_node (name, generation, applied_at, seen_at) values ('node', 1000000, now(), '2100-01-01')");

        var (exercise, drill) = await Run.RehearseAsync(key, Who("security"));

        Assert.Equal((drill.Id, StartDrill.Canary), (exercise.DrillId, drill.Target));
        Assert.NotEqual(DrillOutcome.Incomplete, drill.Outcome);
        Assert.Contains(exercise.Steps, s => s.Number == 2);
        Assert.Equal("already-drilled", await RuleAsync(() => Run.RehearseAsync(key, Who("security"))));
        var pack = await PackAsync<ExercisePack>(new ExerciseSubject(key));
        Assert.Empty(BundleCheck.Verify(EvidenceBundle.Read(pack.ToBundle("test", LogKey.Public).Write())));
        Assert.Contains(pack.Events, e => e.Action == nameof(DrillEnded));
    }

    [Fact]
    public async Task What_was_not_played_for_longer_than_it_says_is_overdue()
    {
        Assert.Equal(2, (await Get<ExerciseCalendar>().OverdueAsync(Who("auditor"))).Count);
        var key = await GivenARunningAsync();
        await Run.EndAsync(key, "Played.", Who("coe-lead"));
        Assert.Equal("silent-drift", Assert.Single(await Get<ExerciseCalendar>().OverdueAsync(Who("auditor"))).Scenario.Name);
        Clock.Advance(TimeSpan.FromDays(190));
        Assert.Equal(2, (await Get<ExerciseCalendar>().OverdueAsync(Who("auditor"))).Count);
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ExerciseCalendar>().OverdueAsync(Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Run.PlanAsync("prompt-injection", Today, null, Who("auditor"))));
    }

    [Fact]
    public async Task What_was_planned_keeps_its_scenario_and_what_is_written_is_only_added_to()
    {
        var key = (await Run.PlanAsync("prompt-injection", Today, null, Who("coe-lead"))).Key;
        Assert.Equal("seats-empty", await RuleAsync(() => Run.StartAsync(key, Who("coe-lead"))));
        Assert.Equal("person-cannot", await RuleAsync(() => Run.SeatAsync(key, "Lead", Who("submitter").Id, Who("coe-lead"))));
        Assert.Equal("no-such-role", await RuleAsync(() => Run.SeatAsync(key, "King", Who("risk").Id, Who("coe-lead"))));
        Assert.Equal("day-out-of-range", await RuleAsync(() => Run.PlanAsync("prompt-injection", Today.AddDays(-1), null, Who("coe-lead"))));
        await Run.CancelAsync(key, "Nobody is here.", Who("coe-lead"));
        var running = await GivenARunningAsync();
        await Run.NoteAsync(running, "Seen.", Who("coe-lead"));
        Assert.Equal("only_added_to", (await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update exercise_note set text = 'x'"))).ConstraintName);
    }

    [Theory]
    [InlineData("title: Prompt injection within one hour", "title: \"\"", "needs a title")]
    [InlineData("role: Owner", "role: King", "none of the roles")]
    [InlineData("within: 5", "within: soon", "line ")]
    [InlineData("objectiveMinutes: 60", "objective: 60", "line ")]
    [InlineData("everyMonths: 6", "everyMonths: 0", "1 to 60")]
    public async Task A_scenario_that_is_wrong_is_refused_and_says_why(string good, string bad, string why)
    {
        var yaml = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "templates", "exercises", "prompt-injection.yaml"), TestContext.Current.CancellationToken);
        Assert.Contains(good, yaml, StringComparison.Ordinal);

        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => Scenario.Parse("x", yaml.Replace(good, bad, StringComparison.Ordinal))).Message, StringComparison.Ordinal);
        Assert.Empty(Get<Scenarios>().Refused);
    }

    private async Task<string> GivenARunningAsync()
    {
        var key = (await Run.PlanAsync("prompt-injection", Today, null, Who("coe-lead"))).Key;
        foreach (var (role, persona) in new[] { ("Lead", "risk"), ("Security", "security"), ("Communications", "brand"), ("Owner", "privacy") })
        {
            await Run.SeatAsync(key, role, Who(persona).Id, Who("coe-lead"));
        }

        await Run.StartAsync(key, Who("coe-lead"));
        return key;
    }
}
