using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Intake;

public sealed class DraftTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task A_half_wrong_draft_is_saved_and_only_submitting_is_held()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), new Proposal { Title = "Something with letters" });

        var held = await Assert.ThrowsAsync<InvalidFieldsException>(() => Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter")));

        Assert.Contains("problem", held.Errors.Keys);
        Assert.Contains("kpi.baseline", held.Errors.Keys);
        Assert.Equal("Something with letters", (await UseCaseAsync(useCase.Key)).Title);
        Assert.Equal(["UseCaseStarted"], await ActionsAsync(useCase.Key));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("A null \0 in the middle")]
    [InlineData("Turned \u202E around")]
    public async Task Markup_and_control_characters_are_refused_by_field_and_nothing_is_saved(string text)
    {
        var refused = await Assert.ThrowsAsync<InvalidFieldsException>(
            () => Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Title = text, DataSources = [text] }));

        Assert.Equal(["dataSources[0]", "title"], refused.Errors.Keys.Order());
        Assert.Equal(0, (await Get<UseCaseList>().ForAsync(Who("coe-lead"), new UseCaseFilter())).Total);
    }

    [Fact]
    public async Task Overlong_text_is_refused_by_field()
    {
        var refused = await Assert.ThrowsAsync<InvalidFieldsException>(() => Get<StartUseCase>().RunAsync(
            Who("submitter"), ClaimsProposal with { Title = new string('a', 201), Problem = new string('b', 4001) }));

        Assert.Equal(["problem", "title"], refused.Errors.Keys.Order());
    }

    [Fact]
    public async Task Of_two_tabs_on_one_draft_the_second_is_told_and_nothing_is_overwritten()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var seenByBoth = useCase.Version;
        await Get<SaveDraft>().RunAsync(useCase.Key, ClaimsProposal with { Tone = "first" }, seenByBoth, Who("submitter"));

        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<SaveDraft>().RunAsync(useCase.Key, ClaimsProposal with { Tone = "second" }, seenByBoth, Who("submitter"))));
        Assert.Equal("first", (await UseCaseAsync(useCase.Key)).Draft.Tone);
    }

    [Fact]
    public async Task Of_two_saves_at_the_same_moment_one_wins_and_the_other_is_told()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => AttemptAsync(
            () => Get<SaveDraft>().RunAsync(useCase.Key, ClaimsProposal with { Tone = $"tab {i}" }, useCase.Version, Who("submitter")))));

        Assert.Single(outcomes, o => o is null);
        Assert.All(outcomes.OfType<RuleViolationException>(), o => Assert.Equal("changed-meanwhile", o.Rule));
        Assert.Equal(useCase.Version + 1, (await UseCaseAsync(useCase.Key)).Version);
    }

    [Fact]
    public async Task A_proposal_in_review_cannot_be_edited()
    {
        var revision = await GivenASubmittedAsync(ClaimsProposal);
        var key = (await Get<UseCaseList>().ForAsync(Who("coe-lead"), new UseCaseFilter())).Items.Single().Key;
        var version = (await UseCaseAsync(key)).Version;

        Assert.Equal("in-review", await RuleAsync(() => Get<SaveDraft>().RunAsync(key, ClaimsProposal with { Tone = "other" }, version, Who("submitter"))));
        Assert.Equal(1, revision.Number);
    }

    [Fact]
    public async Task Another_business_unit_does_not_even_learn_that_it_exists()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);

        var foreign = await Assert.ThrowsAsync<NotFoundException>(() => Get<UseCaseDetails>().OfAsync(useCase.Key, Who("submitter2")));
        var missing = await Assert.ThrowsAsync<NotFoundException>(() => Get<UseCaseDetails>().OfAsync("UC-9999", Who("submitter2")));

        Assert.Equal(missing.Message.Replace("UC-9999", useCase.Key, StringComparison.Ordinal), foreign.Message);
        Assert.Equal(0, (await Get<UseCaseList>().ForAsync(Who("submitter2"), new UseCaseFilter())).Total);
    }

    [Fact]
    public async Task An_auditor_and_an_admin_propose_nothing()
    {
        Assert.Equal("not-permitted", await RuleAsync(() => Get<StartUseCase>().RunAsync(Who("auditor"), ClaimsProposal)));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<StartUseCase>().RunAsync(Who("admin"), ClaimsProposal)));
    }

    [Fact]
    public async Task Keys_are_given_in_order_and_the_hash_is_of_the_content_that_is_kept()
    {
        var first = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var second = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        Assert.Equal(["UC-0001", "UC-0002"], [first.Key, second.Key]);

        var one = await Get<SubmitProposal>().RunAsync(first.Key, null, Who("submitter"));
        var two = await Get<SubmitProposal>().RunAsync(second.Key, null, Who("submitter"));
        Assert.NotEqual(one.ContentHash, two.ContentHash);
        Assert.Contains("\"baseline\":\"42\"", one.Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_takes_percent_and_underscore_as_letters()
    {
        await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Title = "100 % of letters" });
        await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Title = "Half of letters" });

        Assert.Equal(1, (await Get<UseCaseList>().ForAsync(Who("coe-lead"), new UseCaseFilter("100 %"))).Total);
        Assert.Equal(0, (await Get<UseCaseList>().ForAsync(Who("coe-lead"), new UseCaseFilter("_alf"))).Total);
    }
}
