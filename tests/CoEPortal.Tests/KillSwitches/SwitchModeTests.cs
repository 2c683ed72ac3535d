using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

public sealed class SwitchModeTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    private const string Fallback = "small-model";

    private static readonly VersionPointer Old = new(Component.Prompt, "letters", "11");
    private static readonly VersionPointer Newest = new(Component.Prompt, "letters", "12");

    [Fact]
    public async Task A_degraded_use_case_answers_with_its_fallback_and_with_nothing_else()
    {
        var key = await WithFallbackAsync();
        await DegradeAsync(key);

        Assert.Equal((true, Fallback), await AskAsync(new VerdictRequest(key, null, null, null, Fallback, null)));
        Assert.Equal((false, Fallback), await AskAsync(new VerdictRequest(key, null, null, null, "big-model", null)));
    }

    [Fact]
    public async Task A_gateway_that_does_not_say_it_can_degrade_is_refused()
    {
        var key = await WithFallbackAsync();
        await DegradeAsync(key);
        var silent = new VerdictRequest(key, null, null, null, null, null);

        Assert.Equal((false, Fallback), await AskAsync(silent));
        Assert.Equal((true, Fallback), await AskAsync(silent with { Accepts = Accepts.Degrade }));
    }

    [Theory]
    [InlineData("another-model", "fallback-not-approved")]
    [InlineData("", "fallback-required")]
    public async Task A_fallback_is_one_of_the_models_of_the_approved_one_pager(string fallback, string rule)
    {
        var key = await WithFallbackAsync();

        Assert.Equal(rule, await RuleAsync(() => EngageAsync(key, new Engagement(SwitchMode.Degrade, "Too dear.", FallbackModel: fallback))));
    }

    [Fact]
    public async Task A_stopped_fallback_is_no_fallback()
    {
        var key = await WithFallbackAsync();
        await DegradeAsync(key);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, Fallback, SwitchMode.Stop, "Leaks.", "", Who("security"));

        Assert.False((await AskAsync(new VerdictRequest(key, null, null, null, null, null) { Accepts = Accepts.Degrade })).Allowed);
    }

    [Fact]
    public async Task A_stop_over_a_softer_switch_takes_one_person_and_a_softer_one_over_a_stop_takes_a_release()
    {
        var key = await WithFallbackAsync();
        await DegradeAsync(key);

        await EngageAsync(key, new Engagement(SwitchMode.Stop, "It got worse."));
        Assert.False((await AskAsync(new VerdictRequest(key, null, null, null, Fallback, null))).Allowed);
        Assert.Equal("already-engaged", await RuleAsync(() => DegradeAsync(key)));
    }

    [Theory]
    [InlineData("gpt-4o")]
    [InlineData("openai/gpt-4o")]
    [InlineData("GPT-4o-2024-08-06")]
    [InlineData("azure/gpt-4o-20240806")]
    public async Task The_switch_of_a_model_holds_it_under_the_names_it_is_called_by(string asked)
    {
        var key = await WithFallbackAsync();
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", SwitchMode.Stop, "Leaks.", "", Who("security"));

        Assert.False((await AskAsync(new VerdictRequest(key, null, null, null, asked, null))).Allowed);
        Assert.True((await AskAsync(new VerdictRequest(key, null, null, null, "gpt-4o-mini", null))).Allowed);
    }

    [Fact]
    public async Task A_rollback_points_at_an_older_approved_version_and_nowhere_else()
    {
        var key = await WithFallbackAsync();
        Task RollAsync(VersionPointer to) => EngageAsync(key, new Engagement(SwitchMode.Rollback, "Wrong tone.", Rollback: to));

        Assert.Equal("version-not-approved", await RuleAsync(() => RollAsync(Old)));
        await Get<ApproveVersion>().RunAsync(key, Old, Who("risk"));
        Clock.Advance(TimeSpan.FromDays(1));
        await Get<ApproveVersion>().RunAsync(key, Newest, Who("risk"));
        Assert.Equal("version-is-newest", await RuleAsync(() => RollAsync(Newest)));
        await RollAsync(Old);

        var request = new VerdictRequest(key, null, null, null, null, null);
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();
        Assert.Equal((false, Verdict.RolledBack), (Verdict.Of(snapshot, request, TimeSpan.Zero).Allowed, Verdict.Of(snapshot, request, TimeSpan.Zero).Reason));
        var applied = Verdict.Of(snapshot, request with { Accepts = Accepts.Rollback }, TimeSpan.Zero);
        Assert.Equal((true, "prompt/letters@11"), (applied.Allowed, applied.RollbackTo));
    }

    [Fact]
    public async Task Who_wrote_the_use_case_approves_no_version_of_it_and_a_version_is_approved_once()
    {
        var key = await WithFallbackAsync();
        await Get<ApproveVersion>().RunAsync(key, Old, Who("risk"));

        Assert.Equal("already-approved", await RuleAsync(() => Get<ApproveVersion>().RunAsync(key, Old, Who("legal"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ApproveVersion>().RunAsync(key, Newest, Who("submitter"))));
    }

    [Fact]
    public async Task A_limited_release_lets_the_same_tenth_through_each_time_and_the_rest_after_one_more_step()
    {
        var key = await WithFallbackAsync();
        await EngageAsync(key, new Engagement(SwitchMode.Stop, "Wrong sums."));
        await ReleaseAsync(key, "security", 10);
        var limited = await ReleaseAsync(key, "coe-lead", 50);

        Assert.Equal((SwitchState.Limited, 10), (limited.State, limited.Share));
        var first = await ThroughAsync(key);
        Assert.InRange(first.Count, 60, 140);
        Assert.Equal(first, await ThroughAsync(key));
        Assert.False((await AskAsync(new VerdictRequest(key, null, null, null, null, null))).Allowed);

        var open = await Get<ReleaseKillSwitch>().OpenFullyAsync(SwitchScope.UseCase, key, new ReleaseWish("Ten per cent ran well for a day."), Who("risk"));
        Assert.Equal(SwitchState.Released, open.State);
        Assert.Equal(1000, (await ThroughAsync(key)).Count);
        Assert.Equal(
            ["KillSwitchEngaged", "KillSwitchReleaseStarted", "KillSwitchReleaseLimited", "KillSwitchReleased"],
            (await ActionsAsync(key)).Where(a => a.StartsWith("KillSwitch", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_limited_release_is_closed_again_by_one_person()
    {
        var key = await WithFallbackAsync();
        await EngageAsync(key, new Engagement(SwitchMode.Stop, "Wrong sums."));
        await ReleaseAsync(key, "security", 10);
        await ReleaseAsync(key, "coe-lead", 10);

        Assert.Equal("already-engaged", await RuleAsync(() => DegradeAsync(key)));
        await EngageAsync(key, new Engagement(SwitchMode.Stop, "Again."));
        Assert.Empty(await ThroughAsync(key));
        Assert.Equal("not-limited", await RuleAsync(() => Get<ReleaseKillSwitch>().OpenFullyAsync(SwitchScope.UseCase, key, new ReleaseWish("x"), Who("risk"))));
    }

    [Theory]
    [InlineData("update kill_switch set state = 'Limited', share = 10, first_released_by = 'a', second_released_by = 'b'")]
    [InlineData("update kill_switch set state = 'ReleasePending', first_released_by = 'a'; update kill_switch set state = 'Limited', share = 10, second_released_by = 'a'")]
    public async Task The_database_itself_knows_no_share_without_two_people(string sql)
    {
        var key = await WithFallbackAsync();
        await EngageAsync(key, new Engagement(SwitchMode.Stop, "Wrong sums."));

        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql));
    }

    [Fact]
    public async Task An_approval_alone_reaches_the_gateways()
    {
        var before = await Get<EnforcementSnapshots>().GenerationAsync();
        var key = await GivenAnApprovedAsync(HelpBotProposal);

        Assert.True(await Get<EnforcementSnapshots>().GenerationAsync() > before);
        Assert.True((await AskAsync(new VerdictRequest(key, null, null, null, null, null))).Allowed);
    }

    [Fact]
    public async Task A_new_revision_in_review_does_not_loosen_how_what_is_in_force_fails()
    {
        var key = await GivenAnApprovedAsync(BenefitsProposal);
        await Get<SaveDraft>().RunAsync(key, HelpBotProposal, (await UseCaseAsync(key)).Version, Who("submitter"));
        await Get<Governance.Approvals.SubmitProposal>().RunAsync(key, null, Who("submitter"));
        // A use case whose newer revision went to another lane, or was approved by a rule, keeps its own fail mode until that is in force.
        var useCase = await UseCaseAsync(key);
        var expected = useCase.Revisions.Single(r => r.Number == useCase.ApprovedRevision).Assessment.Tier;

        Assert.Equal(expected, (await Get<EnforcementSnapshots>().LoadAsync()).UseCases[key].Tier);
    }

    private async Task<string> WithFallbackAsync()
    {
        await GivenAPatternAsync(HelpPattern with { Title = "Answers from a model with a fallback", Models = ["big-model", Fallback] });
        return await GivenAnApprovedAsync(HelpBotProposal with { Endpoints = ["big-model", Fallback] });
    }

    private Task<KillSwitch> EngageAsync(string key, Engagement wanted) => Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, wanted, Who("security"));

    private Task<KillSwitch> DegradeAsync(string key) =>
        EngageAsync(key, new Engagement(SwitchMode.Degrade, "Too dear.", "Answers are shorter today.", "https://example.org/bill", Fallback));

    private Task<KillSwitch> ReleaseAsync(string key, string persona, int share) =>
        Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, new ReleaseWish("Mended.", Share: share), Who(persona));

    private async Task<(bool Allowed, string? DegradeTo)> AskAsync(VerdictRequest request)
    {
        var verdict = Verdict.Of(await Get<EnforcementSnapshots>().LoadAsync(), request, TimeSpan.Zero);
        return (verdict.Allowed, verdict.DegradeTo);
    }

    private async Task<List<int>> ThroughAsync(string key)
    {
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();
        return [.. Enumerable.Range(0, 1000).Where(i => Verdict.Of(snapshot, new VerdictRequest(key, null, null, null, null, null) { RequestId = $"request-{i}" }, TimeSpan.Zero).Allowed)];
    }
}
