using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Adoption;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Governance.Training;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Adoption;

/// <summary>Phases that wait for what they ask for, and people who are counted without being known.</summary>
public sealed class RolloutTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private DateOnly Today => Get<Organisation>().DayOf(Clock.GetUtcNow());

    private RolloutPlan Plan => new(
        [new("North", "", "Claims", "claims-north", 40, Today), new("South", "", "Claims", "claims-south", 20, Today), new("Later", "", "", null, 100, Today.AddDays(30))],
        [new(30, Today, null, null, null, false, ""), new(60, Today.AddDays(28), null, null, null, false, ""), new(100, Today.AddDays(56), null, null, null, false, "")]);

    [Fact]
    public async Task It_moves_on_phase_by_phase_stays_and_goes_back_each_for_a_reason()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var run = Get<RunRollout>();
        var planned = await run.PlanAsync(key, Plan, null, Who("submitter"));

        Assert.Equal("not-begun", await RuleAsync(() => run.StayAsync(key, "x", planned.Version, Who("coe-lead"))));
        Assert.Equal("reason-required", await RuleAsync(() => run.MoveOnAsync(key, " ", planned.Version, Who("coe-lead"))));
        var first = await run.MoveOnAsync(key, "Everybody asked is ready.", planned.Version, Who("coe-lead"));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => run.MoveOnAsync(key, "Again.", planned.Version, Who("coe-lead2"))));
        var stayed = await run.StayAsync(key, "Wait for the holidays.", first.Version, Who("coe-lead"));
        var second = await run.MoveOnAsync(key, "Holidays are over.", stayed.Version, Who("coe-lead"));
        Assert.Equal("not-back", await RuleAsync(() => run.GoBackAsync(key, 2, "x", second.Version, Who("coe-lead"))));
        var back = await run.GoBackAsync(key, 0, "Wrong sums in letters.", second.Version, Who("submitter"));
        var third = await run.MoveOnAsync(key, "Mended.", back.Version, Who("coe-lead"));

        Assert.Equal([(1, 0, 1), (2, 1, 1), (3, 1, 2), (4, 2, 0), (5, 0, 1)], third.Decisions.OrderBy(d => d.Number).Select(d => (d.Number, d.FromPhase, d.ToPhase)));
        Assert.Equal(["RolloutPlanned", "RolloutDecided", "RolloutDecided", "RolloutDecided", "RolloutDecided", "RolloutDecided"], (await EntriesAsync(e => e.SubjectType == "rollout")).Select(e => e.Action));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update rollout_decision set reason = 'Other'"));
    }

    [Fact]
    public async Task Nothing_is_rolled_out_before_it_is_approved_and_only_by_its_unit_or_a_CoE_lead()
    {
        var key = (await GivenASubmittedAsync(ClaimsProposal)) is { } ? "UC-0001" : "";
        var run = Get<RunRollout>();
        foreach (var persona in new[] { "legal", "risk", "auditor", "admin" })
        {
            Assert.Equal("not-permitted", await RuleAsync(() => run.PlanAsync(key, Plan, null, Who(persona))));
        }

        await Assert.ThrowsAsync<NotFoundException>(() => run.PlanAsync(key, Plan, null, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<AdoptionSheets>().OfAsync(key, Who("operator")));
        Assert.Equal("not-planned", await RuleAsync(() => run.MoveOnAsync(key, "x", 1, Who("coe-lead"))));
        var planned = await run.PlanAsync(key, Plan, null, Who("submitter"));
        Assert.Equal("not-approved", await RuleAsync(() => run.MoveOnAsync(key, "Now.", planned.Version, Who("coe-lead"))));
    }

    [Fact]
    public async Task A_plan_that_makes_no_sense_is_refused_and_phases_that_were_entered_stay()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var run = Get<RunRollout>();
        (RolloutPlan Plan, string Rule)[] refused =
        [
            (Plan with { Cohorts = [] }, "cohorts-required"), (Plan with { Phases = [] }, "phases-required"),
            (Plan with { Cohorts = [Plan.Cohorts[0], Plan.Cohorts[0] with { Tag = null, Name = "north" }] }, "cohort-known"), (Plan with { Cohorts = [Plan.Cohorts[0] with { Tag = "Who is it?" }] }, "tag-unusable"),
            (Plan with { Cohorts = [Plan.Cohorts[0], Plan.Cohorts[1] with { Tag = "claims-north" }] }, "tag-known"), (Plan with { Cohorts = [Plan.Cohorts[0] with { Eligible = 0 }] }, "eligible-out-of-range"),
            (Plan with { Cohorts = [Plan.Cohorts[0] with { Name = " " }] }, "cohort-unusable"), (Plan with { Phases = [Plan.Phases[0] with { Share = 0 }] }, "share-out-of-range"),
            (Plan with { Phases = [Plan.Phases[1], Plan.Phases[0]] }, "shares-grow"), (Plan with { Phases = [Plan.Phases[0], Plan.Phases[1] with { PlannedOn = Today.AddDays(-1) }] }, "dates-follow"),
            (Plan with { Phases = [Plan.Phases[0] with { MostFailedPercent = 101 }] }, "limit-out-of-range"),
        ];
        foreach (var (plan, rule) in refused)
        {
            Assert.Equal(rule, await RuleAsync(() => run.PlanAsync(key, plan, null, Who("coe-lead"))));
        }

        var planned = await run.PlanAsync(key, Plan, null, Who("coe-lead"));
        var first = await run.MoveOnAsync(key, "Ready.", planned.Version, Who("coe-lead"));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => run.PlanAsync(key, Plan, null, Who("coe-lead"))));
        Assert.Equal("phase-entered", await RuleAsync(() => run.PlanAsync(key, Plan with { Phases = [Plan.Phases[1], Plan.Phases[2]] }, first.Version, Who("coe-lead"))));
        Assert.Equal(2, (await run.PlanAsync(key, Plan with { Phases = [Plan.Phases[0], Plan.Phases[2]] }, first.Version, Who("coe-lead"))).Phases.Count);
    }

    [Fact]
    public async Task A_phase_moves_on_only_when_training_feedback_and_errors_hold_and_what_is_unknown_does_not_hold()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        var run = Get<RunRollout>();
        var strict = Plan with { Phases = [Plan.Phases[0] with { TrainedPercent = 50, MostNegativePercent = 20, MostFailedPercent = 5 }, Plan.Phases[2]] };
        var rollout = await run.PlanAsync(key, strict, null, Who("coe-lead"));
        rollout = await run.MoveOnAsync(key, "Begin.", rollout.Version, Who("coe-lead"));
        Task<string> RefusedAsync() => RuleAsync(() => run.MoveOnAsync(key, "On.", rollout.Version, Who("coe-lead")));
        Assert.Equal("phase-not-met", await RefusedAsync());
        Assert.All((await Get<AdoptionSheets>().OfAsync(key, Who("auditor"))).Checks, c => Assert.Equal((false, "cannot be told"), (c.Holds, c.Measured)));

        // 30 % of 60 people are 18, of whom 9 have to be trained.
        await Get<DefineCourse>().AddAsync("basics", new("Basics", "", null, [], 91), Who("coe-lead"));
        await Get<DefineCourse>().RequireAsync("basics", key, Who("coe-lead"));
        await Get<RecordTraining>().FromFileAsync(Encoding.UTF8.GetBytes("course,learner,completed_on,evidence\n" + string.Concat(Enumerable.Range(0, 9).Select(i => $"basics,u-{i},2026-11-20,C-{i}\n"))), false, Who("coe-lead"));
        for (var i = 0; i < 5; i++)
        {
            await Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(i > 0, null, "", null), Who("submitter"));
        }

        await CallAsync(key, Enumerable.Range(0, 20).Select(i => (User: (string?)null, Cohort: (string?)null, Failed: i < 2)));
        Assert.Equal("phase-not-met", await RefusedAsync());
        Assert.Equal([true, true, false], (await Get<AdoptionSheets>().OfAsync(key, Who("auditor"))).Checks.Select(c => c.Holds));
        await CallAsync(key, Enumerable.Range(0, 40).Select(_ => (User: (string?)null, Cohort: (string?)null, Failed: false)));

        var moved = await run.MoveOnAsync(key, "On.", rollout.Version, Who("coe-lead"));
        Assert.Equal(["at least 50 % trained: 50 % trained", "at most 20 % of feedback negative: 20 % negative", "at most 5 % of calls failed: 3.33 % failed"], moved.Decisions[^1].Measured);
    }

    [Fact]
    public async Task Active_people_are_counted_once_by_pseudonym_and_small_groups_are_not_shown()
    {
        var key = await GivenAnApprovedAsync(ClaimsProposal);
        await Get<RunRollout>().PlanAsync(key, Plan, null, Who("coe-lead"));
        await CallAsync(key, Enumerable.Range(0, 30).Select(i => (User: (string?)null, Cohort: (string?)null, Failed: false)));
        var untold = await Get<AdoptionSheets>().OfAsync(key, Who("auditor"));
        Assert.Null(untold.Active);
        Assert.Equal((30L, 60), (untold.Calls, untold.Eligible));

        await CallAsync(key, Enumerable.Range(0, 36).Select(i => (User: (string?)$"nina.berg-{i % 12}@example.org", Cohort: (string?)"claims-north", Failed: false)));
        await CallAsync(key, Enumerable.Range(0, 4).Select(i => (User: (string?)$"paul-{i}", Cohort: (string?)"claims-south", Failed: false)));
        await CallAsync(key, Enumerable.Range(0, 6).Select(i => (User: (string?)$"nina.berg-{i}@example.org", Cohort: (string?)null, Failed: false)), daysAgo: 20);
        var told = await Get<AdoptionSheets>().OfAsync(key, Who("auditor"));

        Assert.Equal((new ActivePeople(16, 16), 26), (told.Active, told.ShareOfEligible));
        Assert.Equal([6, null, 16], told.Weeks.Select(w => w.People));
        Assert.Equal(DateOnly.FromDateTime(Clock.GetUtcNow().UtcDateTime), told.Weeks[^1].Until);
        Assert.Empty(untold.Weeks);
        // South is too small to show, and what is left after North is subtracted would tell it.
        Assert.Equal([new ActivePeople(null, null), new ActivePeople(null, null), null], told.Cohorts.Select(c => c.Active));
        Assert.All(told.Cohorts, c => Assert.Null(c.ShareOfEligible));
        Assert.Equal(0, await CountAsync("select count(*) from telemetry.active_user u where u::text like '%nina%' or u::text like '%paul%'"));

        await CallAsync(key, Enumerable.Range(4, 4).Select(i => (User: (string?)$"paul-{i}", Cohort: (string?)"claims-south", Failed: false)));
        Assert.Equal([(12, 30), (8, 40)], (await Get<AdoptionSheets>().OfAsync(key, Who("auditor"))).Cohorts.Take(2).Select(c => (c.Active!.Within28!.Value, c.ShareOfEligible!.Value)));
        Clock.Advance(TimeSpan.FromDays(TelemetryRetention.KeepUsersDays + 1));
        await Get<RetainCalls>().RunAsync();
        Assert.Equal(0, await CountAsync("select count(*) from telemetry.active_user"));
    }

    [Fact]
    public async Task One_person_has_another_pseudonym_in_each_use_case_and_a_call_told_twice_tells_of_them_once()
    {
        var (one, two) = (await GivenAnApprovedAsync(ClaimsProposal), await GivenAnApprovedAsync(ClaimsProposal));
        var call = new ReportedCall { Source = "test", SourceEventId = "a", StartedAt = Clock.GetUtcNow(), InputTokens = 10 };
        await Get<RecordCalls>().RunAsync([call], one);
        // The user comes to light only when the call is told again.
        Assert.Equal(1, (await Get<RecordCalls>().RunAsync([call with { EndUser = "nina" }], one)).AlreadyKnown);
        Assert.Equal(1, (await Get<RecordCalls>().RunAsync([call with { EndUser = "nina" }], one)).AlreadyKnown);
        await Get<RecordCalls>().RunAsync([call with { SourceEventId = "b", EndUser = "nina" }], two);
        await Get<RecordCalls>().RunAsync([call with { SourceEventId = "c", EndUser = new string('n', 201) }, call with { SourceEventId = "d", EndUser = "-" }], two);

        Assert.Equal(2, await CountAsync("select count(distinct pseudonym) from telemetry.active_user"));
        Assert.Equal(2, await CountAsync("select count(*) from telemetry.active_user"));
    }

    private async Task CallAsync(string key, IEnumerable<(string? User, string? Cohort, bool Failed)> calls, int daysAgo = 0) => await Get<RecordCalls>().RunAsync(
        [.. calls.Select(c => new ReportedCall { Source = "test", SourceEventId = Guid.CreateVersion7().ToString(), StartedAt = Clock.GetUtcNow().AddDays(-daysAgo), InputTokens = 10, EndUser = c.User, Cohort = c.Cohort, Failed = c.Failed })], key);

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
