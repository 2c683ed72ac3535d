using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.Scoring;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Scoring;

/// <summary>A class or a lane is set aside by two people with a reason, the judgement stays beside it, and what is prohibited stays so.</summary>
public sealed class OverrideTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private const string Key = "UC-0001";

    [Fact]
    public async Task A_confirmed_override_holds_from_the_next_submission_with_the_judgement_beside_it_under_the_hash()
    {
        await GivenASubmittedAsync(BenefitsProposal);
        await ProposeAsync(RiskClass.Limited, null);
        Assert.Equal("not-your-function", await RuleAsync(() => DecideAsync("risk")));
        await DecideAsync("legal");
        Assert.Equal(RiskClass.High, (await UseCaseAsync(Key)).RiskClass);
        await Get<WithdrawProposal>().RunAsync(Key, "Judged anew.", Who("submitter"));

        var revision = await Get<SubmitProposal>().RunAsync(Key, null, Who("submitter"));

        var judged = revision.Assessment;
        Assert.Equal((RiskClass.Limited, new Overridden(1, RiskClass.High, Lane.Full)), (judged.RiskClass, judged.Overridden));
        Assert.NotEqual(Lane.Fast, judged.Lane);
        Assert.StartsWith("By override O1 the class is limited, where rules found high.", judged.ClassReasons[0], StringComparison.Ordinal);
        Assert.Contains("\"override\":{\"lane\":\"full\",\"number\":1,\"riskClass\":\"high\"}", revision.Content, StringComparison.Ordinal);
        Assert.NotEmpty(judged.Articles);
        var pack = (UseCasePack)await Get<CollectAuditPack>().OfAsync(new UseCaseSubject(Key));
        Assert.Equal(("Mara Lindqvist", "Aisha Rahman"), (pack.Overrides.Single().ProposedByName, pack.Overrides.Single().DecidedByName));
    }

    [Fact]
    public async Task A_lane_is_confirmed_by_Risk_and_decided_by_the_functions_of_the_new_lane()
    {
        await GivenASubmittedAsync(ClaimsProposal);
        await ProposeAsync(null, Lane.Full);
        Assert.Equal("not-your-function", await RuleAsync(() => DecideAsync("legal")));
        await DecideAsync("risk");
        await Get<WithdrawProposal>().RunAsync(Key, "Judged anew.", Who("submitter"));

        var judged = (await Get<SubmitProposal>().RunAsync(Key, null, Who("submitter"))).Assessment;

        Assert.Equal((Lane.Full, Lane.Standard), (judged.Lane, judged.Overridden!.Lane));
        Assert.Contains(Role.Risk, judged.Functions);
        Assert.Equal("By override O1 the lane is full, where rules found standard.", judged.LaneReason);
    }

    [Fact]
    public async Task Nobody_confirms_their_own_override_nobody_overrides_their_own_use_case_and_others_may_not()
    {
        await GivenASubmittedAsync(BenefitsProposal);
        var author = Who("submitter") with { Roles = new HashSet<Role> { Role.Submitter, Role.Legal, Role.Risk } };
        Assert.Equal("own-use-case", await RuleAsync(() => ProposeAsync(RiskClass.Limited, null, author)));
        Assert.Equal("not-permitted", await RuleAsync(() => ProposeAsync(RiskClass.Limited, null, Who("admin"))));
        Assert.Equal("not-permitted", await RuleAsync(() => ProposeAsync(RiskClass.Limited, null, Who("auditor"))));
        await ProposeAsync(RiskClass.Limited, null, Who("legal"));
        Assert.Equal("second-person-required", await RuleAsync(() => DecideAsync("legal")));
        Assert.Equal("own-use-case", await RuleAsync(() => Get<OverrideJudgement>().DecideAsync(Key, 1, true, "", author)));
        Assert.Equal("not-permitted", await RuleAsync(() => DecideAsync("coe-lead")));
        Assert.Equal("reason-required", await RuleAsync(() => Get<OverrideJudgement>().DecideAsync(Key, 1, false, " ", Who("legal2"))));
        Assert.Equal("override-stands", await RuleAsync(() => ProposeAsync(null, Lane.Standard)));

        await Get<OverrideJudgement>().DecideAsync(Key, 1, false, "Annex III says otherwise.", Who("legal2"));

        Assert.Equal("override-settled", await RuleAsync(() => DecideAsync("legal2")));
        Assert.Equal("override-settled", await RuleAsync(() => Get<OverrideJudgement>().EndAsync(Key, 1, "Why.", Who("coe-lead"))));
        Assert.Contains("second-person-required", (await EntriesAsync(e => e.Action == "AttemptRefused")).Select(e => e.Details["rule"]!.GetValue<string>()));
    }

    [Fact]
    public async Task What_cannot_be_overridden_is_refused()
    {
        var prohibited = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal with { Practices = [ProhibitedPractice.SocialScoring] })).Key;
        var standard = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        foreach (var (rule, key, draft) in new (string, string, OverrideDraft)[]
        {
            ("prohibited-stays", prohibited, new(RiskClass.Minimal, null, "It is not.")), ("fast-needs-a-pattern", standard, new(null, Lane.Fast, "It is quick.")),
            ("prohibited-by-practice", standard, new(RiskClass.Prohibited, null, "It should be.")), ("nothing-overridden", standard, new(null, Lane.Standard, "As it is.")),
            ("reason-required", standard, new(null, Lane.Full, " ")),
        })
        {
            Assert.Equal(rule, await RuleAsync(() => Get<OverrideJudgement>().ProposeAsync(key, draft, Who("coe-lead"))));
        }
    }

    [Fact]
    public async Task An_override_is_about_the_judgement_that_was_seen_and_never_lifts_a_prohibition_that_comes_later()
    {
        await GivenASubmittedAsync(BenefitsProposal);
        await ProposeAsync(RiskClass.Limited, null);
        await DecideAsync("legal");
        await Get<WithdrawProposal>().RunAsync(Key, "Changed.", Who("submitter"));
        var rules = Get<TriageRules>().InForce(Clock.GetUtcNow());
        await using var db = await DbAsync();
        var standing = await db.JudgementOverrides.AsNoTracking().SingleAsync();

        var prohibited = Triage.Assess(BenefitsProposal with { Practices = [ProhibitedPractice.SocialScoring] }, rules, null, standing);
        Assert.Equal((Lane.NotAllowed, RiskClass.Prohibited, null), (prohibited.Lane, prohibited.RiskClass, prohibited.Overridden));
        Assert.Null(Triage.Assess(ClaimsProposal, rules, null, standing).Overridden);

        await Get<OverrideJudgement>().EndAsync(Key, 1, "The opinion was withdrawn.", Who("coe-lead2"));
        Assert.Null((await Get<SubmitProposal>().RunAsync(Key, null, Who("submitter"))).Assessment.Overridden);
    }

    [Fact]
    public async Task The_database_keeps_two_people_and_what_was_proposed_apart_from_the_decision()
    {
        await GivenASubmittedAsync(BenefitsProposal);
        await ProposeAsync(RiskClass.Limited, null);

        foreach (var sql in new[]
        {
            "update judgement_override set state = 'Confirmed', decided_by = proposed_by, decided_by_name = 'x', decided_at = now()",
            "update judgement_override set state = 'Confirmed', decided_by = 'submitter@demo', decided_by_name = 'x', decided_at = now()",
            "update judgement_override set state = 'Confirmed'",
            "update judgement_override set class_to = 'Minimal'",
            "update judgement_override set class_before = 'Prohibited'",
        })
        {
            await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(sql));
        }
    }

    private Task<JudgementOverride> ProposeAsync(RiskClass? toClass, Lane? toLane, Actor? by = null) =>
        Get<OverrideJudgement>().ProposeAsync(Key, new(toClass, toLane, "Opinion 2026/114."), by ?? Who("coe-lead"));

    private Task<JudgementOverride> DecideAsync(string persona) => Get<OverrideJudgement>().DecideAsync(Key, 1, true, "", Who(persona));
}
