using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Approvals;

public sealed class VetoTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task Another_person_of_the_function_lifts_its_veto_and_everybody_is_asked_again()
    {
        var (key, hash) = await GivenAVetoedAsync();

        var round = await Get<LiftVeto>().RunAsync(key, "The vendor signed the addendum.", hash, Who("legal2"));

        Assert.Equal((2, 1, RoundStatus.Open), (round.Number, round.LiftsVetoOf, round.Status));
        Assert.Equal(Stage.InReview, (await UseCaseAsync(key)).Stage);
        // nothing that was said in the round before counts in the new one
        Assert.Empty(round.Decisions);
        Assert.NotNull(await OpenTaskAsync(key, Role.Security));
        Assert.Equal(["VetoLifted", "ReviewOpened"], (await ActionsAsync(key)).TakeLast(2));
    }

    [Fact]
    public async Task The_new_round_approves_the_very_same_revision()
    {
        var (key, hash) = await GivenAVetoedAsync();
        await Get<LiftVeto>().RunAsync(key, "The vendor signed.", hash, Who("legal2"));

        while (await OpenTaskAsync(key) is { } task)
        {
            await DecideAsync(task, PersonaOf(task.Function), DecisionKind.Approve);
        }

        Assert.Equal((Stage.Approved, 1), ((await UseCaseAsync(key)).Stage, (await UseCaseAsync(key)).ApprovedRevision));
    }

    [Theory]
    [InlineData("legal", "own-veto")]
    [InlineData("security", "not-your-function")]
    [InlineData("coe-lead", "not-your-function")]
    [InlineData("admin", "not-permitted")]
    [InlineData("auditor", "not-permitted")]
    [InlineData("submitter", "not-permitted")]
    public async Task Nobody_else_lifts_it(string persona, string rule)
    {
        var (key, hash) = await GivenAVetoedAsync();

        Assert.Equal(rule, await RuleAsync(() => Get<LiftVeto>().RunAsync(key, "Let it go.", hash, Who(persona))));
        Assert.Equal(Stage.Declined, (await UseCaseAsync(key)).Stage);
    }

    [Fact]
    public async Task A_veto_given_for_somebody_is_lifted_by_neither_of_the_two()
    {
        var third = await GivenAPersonAsync("legal3", "Lea Third", Role.Legal);
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await Get<DelegateReview>().RunAsync(task.Id, Role.Legal, Who("legal2").Id, Today, Today.AddDays(1), "Leave.", Who("legal"));
        var round = await DecideAsync(task, "legal2", DecisionKind.Veto, "No contract.");

        Assert.Equal("own-veto", await RuleAsync(() => Get<LiftVeto>().RunAsync(key, "Signed.", round.ContentHash, Who("legal"))));
        Assert.Equal("own-veto", await RuleAsync(() => Get<LiftVeto>().RunAsync(key, "Signed.", round.ContentHash, Who("legal2"))));
        await Get<LiftVeto>().RunAsync(key, "Signed.", round.ContentHash, third);
    }

    [Fact]
    public async Task A_veto_is_lifted_for_a_reason_once_and_for_the_content_that_was_vetoed()
    {
        var (key, hash) = await GivenAVetoedAsync();
        Assert.Equal("reason-required", await RuleAsync(() => Get<LiftVeto>().RunAsync(key, " ", hash, Who("legal2"))));
        Assert.Equal("content-changed", await RuleAsync(() => Get<LiftVeto>().RunAsync(key, "Signed.", "sha256:" + new string('0', 64), Who("legal2"))));

        var outcomes = await Task.WhenAll(
            AttemptAsync(() => Get<LiftVeto>().RunAsync(key, "Signed.", hash, Who("legal2"))),
            AttemptAsync(() => Get<LiftVeto>().RunAsync(key, "Signed.", hash, Who("legal2"))));

        Assert.Single(outcomes, o => o is null);
        Assert.Equal("not-vetoed", await RuleAsync(() => Get<LiftVeto>().RunAsync(key, "Again.", hash, Who("legal2"))));
    }

    [Fact]
    public async Task A_new_revision_answers_a_veto_too()
    {
        var (key, _) = await GivenAVetoedAsync();
        var useCase = await UseCaseAsync(key);
        await Get<SaveDraft>().RunAsync(key, useCase.Draft with { Tone = "Plain." }, useCase.Version, Who("submitter"));

        await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));

        Assert.Equal(Stage.InReview, (await UseCaseAsync(key)).Stage);
    }

    [Fact]
    public async Task A_decision_on_a_high_risk_use_case_needs_somebody_who_has_just_proved_who_they_are()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal, BenefitsProposal);
        var hash = (await UseCaseAsync(key)).Revisions[0].ContentHash;
        Task Decide(TimeSpan ago) => Get<DecideReview>().RunAsync(
            task.Id, new(DecisionKind.Approve, "", [], hash), Who("legal") with { ConfirmedAt = Clock.GetUtcNow() - ago });

        Assert.Equal("confirm-identity", await RuleAsync(() => Get<DecideReview>().RunAsync(task.Id, new(DecisionKind.Approve, "", [], hash), Who("legal"))));
        Assert.Equal("confirm-identity", await RuleAsync(() => Decide(TimeSpan.FromMinutes(6))));
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(key));

        await Decide(TimeSpan.FromMinutes(4));
        Assert.Contains("\"confirmedAt\":", await BodyOfAsync(key, "DecisionRecorded"), StringComparison.Ordinal);
    }

    private async Task<(string Key, string Hash)> GivenAVetoedAsync()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        var round = await DecideAsync(task, "legal", DecisionKind.Veto, "No contract with the vendor.");
        return (key, round.ContentHash);
    }
}
