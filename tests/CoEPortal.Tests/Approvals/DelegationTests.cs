using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Approvals;

public sealed class DelegationTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task A_stand_in_decides_for_the_person_who_took_the_task_and_both_are_recorded()
    {
        var (key, task) = await GivenATaskAsync(Role.Privacy);
        await DelegateAsync(task, "privacy", "privacy2");

        var round = await DecideAsync(task, "privacy2", DecisionKind.Approve);

        var decision = round.Decisions.Single();
        Assert.Equal(("Ines Moreau", "Tomás Ferreira"), (decision.PersonName, decision.OnBehalfOfName));
        Assert.Contains("\"onBehalfOf\":\"privacy@demo\"", await BodyOfAsync(key, "DecisionRecorded"), StringComparison.Ordinal);
        Assert.Contains("DelegationGiven", await ActionsAsync(key));
    }

    [Fact]
    public async Task A_delegation_of_every_task_covers_what_the_person_takes_later()
    {
        await Get<DelegateReview>().RunAsync(null, Role.Privacy, Who("privacy2").Id, Today, Today.AddDays(3), "On leave.", Who("privacy"));
        var (_, task) = await GivenATaskAsync(Role.Privacy);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("privacy"));

        Assert.Equal("privacy@demo", (await DecideAsync(task, "privacy2", DecisionKind.Approve)).Decisions.Single().OnBehalfOfId);
    }

    [Fact]
    public async Task Without_a_delegation_a_task_that_a_colleague_took_is_left_alone()
    {
        var (key, task) = await GivenATaskAsync(Role.Privacy);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("privacy"));

        Assert.Equal("claimed-by-other", await RuleAsync(() => DecideAsync(task, "privacy2", DecisionKind.Approve)));
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(key));
    }

    [Fact]
    public async Task A_delegation_is_not_passed_on()
    {
        await GivenAThirdPrivacyReviewerAsync();
        var (_, task) = await GivenATaskAsync(Role.Privacy);
        await DelegateAsync(task, "privacy", "privacy2");
        await Get<DelegateReview>().RunAsync(null, Role.Privacy, ThirdPrivacy.Id, Today, Today.AddDays(3), "On leave.", Who("privacy2"));

        Assert.Equal("claimed-by-other", await RuleAsync(() => DecideAsAsync(task, ThirdPrivacy)));
        Assert.Equal("claimed-by-other", await RuleAsync(() => DelegateAsync(task, "privacy2", "privacy")));
    }

    [Fact]
    public async Task A_delegation_ends_with_its_last_day_and_when_it_is_revoked()
    {
        var (_, task) = await GivenATaskAsync(Role.Privacy);
        var delegation = await DelegateAsync(task, "privacy", "privacy2", days: 2);

        await Get<DelegateReview>().RevokeAsync(delegation.Id, Who("privacy"));
        Assert.Equal("claimed-by-other", await RuleAsync(() => DecideAsync(task, "privacy2", DecisionKind.Approve)));
        Assert.Equal("delegation-ended", await RuleAsync(() => Get<DelegateReview>().RevokeAsync(delegation.Id, Who("privacy"))));

        await DelegateAsync(task, "privacy", "privacy2", days: 2);
        Clock.Advance(TimeSpan.FromDays(3));
        Assert.Equal("claimed-by-other", await RuleAsync(() => DecideAsync(task, "privacy2", DecisionKind.Approve)));
    }

    [Fact]
    public async Task Nobody_stands_in_for_somebody_who_no_longer_holds_the_function()
    {
        var (key, task) = await GivenATaskAsync(Role.Privacy);
        await DelegateAsync(task, "privacy", "privacy2");
        await AsOwnerAsync("update person set roles = array['Auditor'] where id = 'privacy@demo'");

        Assert.Equal("delegator-function", await RuleAsync(() => DecideAsync(task, "privacy2", DecisionKind.Approve)));
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(key));

        await Get<ClaimTask>().RunAsync(task.Id, takeOver: true, Who("privacy2"));
        Assert.Null((await DecideAsync(task, "privacy2", DecisionKind.Approve)).Decisions.Single().OnBehalfOfId);
    }

    [Fact]
    public async Task A_stand_in_for_a_function_that_starts_tomorrow_does_not_act_today()
    {
        await Get<DelegateReview>().RunAsync(null, Role.Privacy, Who("privacy2").Id, Today.AddDays(1), Today.AddDays(3), "On leave.", Who("privacy"));
        var (_, task) = await GivenATaskAsync(Role.Privacy);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("privacy"));

        Assert.Equal("claimed-by-other", await RuleAsync(() => DecideAsync(task, "privacy2", DecisionKind.Approve)));
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Single((await DecideAsync(task, "privacy2", DecisionKind.Approve)).Decisions);
    }

    [Theory]
    [InlineData("legal", 0, 3, "Leave.", "delegate-function")]
    [InlineData("privacy", 0, 3, "Leave.", "delegated-to-self")]
    [InlineData("privacy2", 0, 31, "Leave.", "delegation-dates")]
    [InlineData("privacy2", 0, -1, "Leave.", "delegation-dates")]
    [InlineData("privacy2", -1, 3, "Leave.", "delegation-dates")]
    [InlineData("privacy2", 0, 3, "  ", "reason-required")]
    public async Task A_delegation_is_to_a_colleague_of_the_function_for_a_reason_and_at_most_thirty_days(string to, int from, int days, string reason, string rule) =>
        Assert.Equal(rule, await RuleAsync(() => Get<DelegateReview>().RunAsync(
            null, Role.Privacy, Who(to).Id, Today.AddDays(from), Today.AddDays(from + days), reason, Who("privacy"))));

    [Fact]
    public async Task Nobody_delegates_to_somebody_who_wrote_it()
    {
        var author = await GivenAPersonAsync("dpo-author", "Dora Author", Role.Privacy, Role.Submitter);
        var useCase = await Get<StartUseCase>().RunAsync(author, ClaimsProposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, author);
        var task = (await OpenTaskAsync(useCase.Key, Role.Privacy))!;

        Assert.Equal("delegate-is-author", await RuleAsync(() => Get<DelegateReview>().RunAsync(
            task.Id, Role.Privacy, author.Id, Today, Today.AddDays(1), "Leave.", Who("privacy"))));

        // a general delegation names no proposal, so it is refused where it would act
        await Get<DelegateReview>().RunAsync(null, Role.Privacy, author.Id, Today, Today.AddDays(1), "Leave.", Who("privacy"));
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("privacy"));
        Assert.Equal("own-proposal", await RuleAsync(() => DecideAsAsync(task, author)));
    }

    [Fact]
    public async Task The_one_decided_for_counts_as_having_decided()
    {
        var both = await GivenAPersonAsync("two-hats", "Two Hats", Role.Privacy, Role.Security);
        var (key, task) = await GivenATaskAsync(Role.Privacy);
        await Get<DelegateReview>().RunAsync(task.Id, Role.Privacy, Who("privacy2").Id, Today, Today.AddDays(1), "Leave.", both);
        await DecideAsync(task, "privacy2", DecisionKind.Approve);

        var security = (await OpenTaskAsync(key, Role.Security))!;

        Assert.Equal("already-decided", await RuleAsync(() => DecideAsAsync(security, both)));
    }

    [Fact]
    public async Task The_database_lets_nobody_stand_behind_two_decisions_of_a_round()
    {
        var (key, task) = await GivenATaskAsync(Role.Privacy);
        await DelegateAsync(task, "privacy", "privacy2");
        await DecideAsync(task, "privacy2", DecisionKind.Approve);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync(
            $"""
            insert into decision (id, round_id, function, person_id, person_name, kind, comment, conditions, seen_conditions, content_hash, decided_at)
            select gen_random_uuid(), id, 'Security', 'privacy@demo', 'Tomás', 'Approve', '', array[]::text[], array[]::text[], content_hash, now()
            from approval_round where use_case_key = '{key}'
            """));

        Assert.Equal("one_decision_stands_behind_a_person", refused.ConstraintName);
    }

    [Fact]
    public async Task The_inbox_of_a_stand_in_shows_what_they_decide_for_somebody_and_not_what_others_took()
    {
        var (_, task) = await GivenATaskAsync(Role.Privacy);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("privacy"));
        Assert.Equal(0, await Get<ReviewInbox>().CountAsync(Who("privacy2")));
        Assert.Equal(1, (await Get<ReviewInbox>().ForAsync(Who("privacy2"), new InboxFilter(View: InboxView.TakenByOthers))).Total);

        await DelegateAsync(task, "privacy", "privacy2");

        Assert.Equal(1, await Get<ReviewInbox>().CountAsync(Who("privacy2")));
        Assert.Contains(await ToldAsync("privacy2"), n => n.Title == "You stand in for Tomás Ferreira");
    }

    private static Actor ThirdPrivacy => new(PersonId.Of("privacy3", "demo"), "Third Privacy", new HashSet<Role> { Role.Privacy }, "Privacy Office");

    private Task<Actor> GivenAThirdPrivacyReviewerAsync() => GivenAPersonAsync("privacy3", "Third Privacy", Role.Privacy);

    private Task<Delegation> DelegateAsync(ReviewTask task, string from, string to, int days = 3) =>
        Get<DelegateReview>().RunAsync(task.Id, task.Function, Who(to).Id, Today, Today.AddDays(days), "On leave.", Who(from));
}
