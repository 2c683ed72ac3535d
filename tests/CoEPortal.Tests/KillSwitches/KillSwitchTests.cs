using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.KillSwitches;

public sealed class KillSwitchTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected override bool BeginsWithAPattern => true;

    private static readonly VerdictRequest Nothing = new(null, null, null, null, null, null);

    [Fact]
    public async Task What_is_not_known_is_denied()
    {
        await GivenAnApprovedAsync(HelpBotProposal);
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();

        foreach (var request in new[] { Nothing, Nothing with { UseCase = "UC-9999" }, Nothing with { KeyHash = new string('a', 64) }, Nothing with { UseCase = "" } })
        {
            Assert.Equal((false, Verdict.UnknownUseCase), Of(snapshot, request));
        }
    }

    [Fact]
    public async Task A_use_case_that_is_not_approved_is_denied_by_that_name()
    {
        var revision = await GivenASubmittedAsync(ClaimsProposal);
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();

        Assert.Equal((false, Verdict.NotApproved), Of(snapshot, Nothing with { UseCase = "UC-0001" }));
        Assert.Equal(1, revision.Number);
    }

    [Fact]
    public async Task An_engaged_switch_denies_until_two_people_have_released_it()
    {
        var key = await BoundAsync();
        Assert.Equal((true, ""), await NowAsync(key));

        var engaged = await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong sums in letters.", "", Who("security"));
        Assert.Equal((false, Verdict.KillManual), await NowAsync(key));

        await ReleaseAsync(key, "risk");
        Assert.Equal((false, Verdict.KillManual), await NowAsync(key));

        var released = await ReleaseAsync(key, "security");
        Assert.Equal((true, ""), await NowAsync(key));
        Assert.True(released.Generation > engaged.Generation);
        Assert.Equal(
            ["KillSwitchEngaged", "KillSwitchReleaseStarted", "KillSwitchReleased"],
            (await ActionsAsync(key)).Where(a => a.StartsWith("KillSwitch", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_person_cannot_release_twice()
    {
        var key = await EngagedAsync("security");
        await ReleaseAsync(key, "security");

        Assert.Equal("second-person-required", await RuleAsync(() => ReleaseAsync(key, "security")));
        Assert.Equal((false, Verdict.KillManual), await NowAsync(key));
    }

    [Fact]
    public async Task Two_people_of_other_functions_are_not_enough()
    {
        var key = await EngagedAsync("security");
        await ReleaseAsync(key, "risk");

        Assert.Equal("engaging-function-required", await RuleAsync(() => ReleaseAsync(key, "privacy")));
        Assert.Equal(SwitchState.Released, (await ReleaseAsync(key, "coe-lead")).State);
    }

    [Fact]
    public async Task Whoever_wrote_the_use_case_never_releases_its_switch()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("coe-lead"), HelpBotProposal);
        await Get<Governance.Approvals.SubmitProposal>().RunAsync(useCase.Key, null, Who("coe-lead"));
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, useCase.Key, SwitchMode.Stop, "A test.", "", Who("risk"));

        Assert.Equal("own-use-case", await RuleAsync(() => ReleaseAsync(useCase.Key, "coe-lead")));
    }

    [Theory]
    [InlineData("submitter")]
    [InlineData("auditor")]
    [InlineData("admin")]
    [InlineData("brand")]
    public async Task Who_has_no_part_in_stopping_neither_engages_nor_releases(string persona)
    {
        var key = await EngagedAsync("risk");

        Assert.Equal("not-permitted", await RuleAsync(() => Get<EngageKillSwitch>().RunAsync(SwitchScope.All, "*", SwitchMode.Stop, "x", "", Who(persona))));
        Assert.Equal("not-permitted", await RuleAsync(() => ReleaseAsync(key, persona)));
    }

    [Fact]
    public async Task A_rule_engages_and_never_releases()
    {
        var key = await EngagedAsync("risk");

        Assert.Equal("not-permitted", await RuleAsync(() => Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "x", Actor.Rule("budget-k1"))));
    }

    [Theory]
    [InlineData(SwitchScope.Model, "gpt-4o")]
    [InlineData(SwitchScope.Gateway, "nginx-eu")]
    [InlineData(SwitchScope.All, "*")]
    public async Task A_wider_switch_stops_what_comes_through_it_and_nothing_else(SwitchScope scope, string target)
    {
        var key = await BoundAsync();
        await Get<EngageKillSwitch>().RunAsync(scope, target, SwitchMode.Stop, "The provider reports a leak.", "", Who("security"));
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();

        Assert.Equal((false, Verdict.KillManual), Of(snapshot, new VerdictRequest(key, null, null, null, "gpt-4o", "nginx-eu")));
        Assert.Equal(scope is not SwitchScope.All, Of(snapshot, new VerdictRequest(key, null, null, null, "claude", "nginx-us")).Item1);
    }

    [Fact]
    public async Task Two_who_engage_at_once_make_one_engagement()
    {
        var key = await BoundAsync();

        var outcomes = await Task.WhenAll(new[] { "security", "risk", "legal" }.Select(p => AttemptAsync(
            () => Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Now.", "", Who(p)))));

        Assert.Single(outcomes, o => o is null);
        Assert.Single(await ActionsAsync(key), "KillSwitchEngaged");
    }

    [Fact]
    public async Task Identities_that_disagree_identify_nobody()
    {
        var key = await BoundAsync();
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();

        Assert.Equal((true, ""), Of(snapshot, Nothing with { Route = "/help-bot" }));
        Assert.Equal((true, ""), Of(snapshot, Nothing with { Route = "/help-bot", UseCase = key }));
        Assert.Equal((false, Verdict.UnknownUseCase), Of(snapshot, Nothing with { Route = "/help-bot", UseCase = other }));
        Assert.Equal((false, Verdict.UnknownUseCase), Of(snapshot, Nothing with { Route = "/other", UseCase = key }));
    }

    [Fact]
    public async Task A_node_that_lost_the_database_goes_on_as_long_as_the_tier_allows()
    {
        var low = await GivenAnApprovedAsync(HelpBotProposal);
        var high = await GivenAnApprovedAsync(BenefitsProposal);
        var snapshot = await Get<EnforcementSnapshots>().LoadAsync();
        bool Allows(string key, TimeSpan age) => Verdict.Of(snapshot, Nothing with { UseCase = key }, age).Allowed;

        Assert.True(Allows(high, TimeSpan.FromSeconds(59)));
        Assert.False(Allows(high, TimeSpan.FromSeconds(61)));
        Assert.Equal(Verdict.Stale, Verdict.Of(snapshot, Nothing with { UseCase = high }, TimeSpan.FromSeconds(61)).Reason);
        Assert.True(Allows(low, TimeSpan.FromDays(2)));
    }

    [Fact]
    public async Task Only_an_approved_use_case_is_bound_and_a_credential_only_once()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        Assert.Equal("not-approved", await RuleAsync(() => Get<BindCredential>().RunAsync("UC-0001", CredentialKind.Route, "/claims", "nginx", Who("coe-lead"))));

        var key = await BoundAsync();
        var other = await GivenAnApprovedAsync(HelpBotProposal);
        Assert.Equal("credential-taken", await RuleAsync(() => Get<BindCredential>().RunAsync(other, CredentialKind.Route, "/help-bot", "nginx", Who("coe-lead"))));
        Assert.Equal(Stage.InService, (await UseCaseAsync(key)).Stage);
    }

    [Theory]
    [InlineData(CredentialKind.KeyHash, "sk-live-1234567890")]
    [InlineData(CredentialKind.Route, "with space")]
    [InlineData(CredentialKind.Route, "")]
    public async Task A_key_itself_or_an_unusable_value_is_refused_by_field(CredentialKind kind, string value)
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);

        var refused = await Assert.ThrowsAsync<InvalidFieldsException>(() => Get<BindCredential>().RunAsync(key, kind, value, "nginx", Who("coe-lead")));

        Assert.Contains("value", refused.Errors.Keys);
    }

    [Fact]
    public async Task The_database_itself_refuses_a_silent_release_and_an_older_generation()
    {
        await EngagedAsync("risk");

        var silent = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update kill_switch set state = 'Released', mode = null"));
        Assert.Equal("two_people_release_a_switch", silent.ConstraintName);
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update enforcement_generation set value = value - 1"));
    }

    private static (bool, string) Of(EnforcementSnapshot snapshot, VerdictRequest request)
    {
        var verdict = Verdict.Of(snapshot, request, TimeSpan.Zero);
        return (verdict.Allowed, verdict.Reason);
    }

    private async Task<(bool, string)> NowAsync(string key) =>
        Of(await Get<EnforcementSnapshots>().LoadAsync(), Nothing with { UseCase = key });

    private async Task<string> BoundAsync()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        await Get<BindCredential>().RunAsync(key, CredentialKind.Route, "/help-bot", "nginx-eu", Who("coe-lead"));
        return key;
    }

    private async Task<string> EngagedAsync(string persona)
    {
        var key = await BoundAsync();
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.UseCase, key, SwitchMode.Stop, "Wrong sums in letters.", "", Who(persona));
        return key;
    }

    private Task<KillSwitch> ReleaseAsync(string key, string persona) =>
        Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Found and mended.", Who(persona));
}
