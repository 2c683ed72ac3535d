using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Approvals;

public sealed class ConditionTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task A_condition_becomes_work_with_an_owner_and_a_date_when_the_use_case_is_approved()
    {
        var (key, condition) = await GivenAnOpenConditionAsync();

        Assert.Equal((FollowUpState.Open, "Nils Berg", Today.AddDays(10)), (condition.State, condition.OwnerName, condition.DueOn));
        Assert.Contains("ConditionOpened", await ActionsAsync(key));
        Assert.Contains(await ToldAsync("submitter"), n => n.Kind == "condition-set");
        Assert.Equal(1, await Get<FollowUps>().CountWaitingAsync(Who("submitter")));
    }

    [Fact]
    public async Task Nothing_is_asked_of_anybody_when_the_use_case_is_not_approved()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideWithConditionAsync(task, new ConditionDraft("Mark what AI wrote."));
        await DecideAsync((await OpenTaskAsync(key, Role.Security))!, "security", DecisionKind.Veto, "Not like this.");

        Assert.Equal(FollowUpState.Void, (await ConditionOfAsync(key)).State);
        Assert.Equal(0, await Get<FollowUps>().CountWaitingAsync(Who("submitter")));
    }

    [Fact]
    public async Task Withdrawing_voids_conditions_too()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideWithConditionAsync(task, new ConditionDraft("Mark what AI wrote."));

        await Get<WithdrawProposal>().RunAsync(key, "We think again.", Who("submitter"));

        Assert.Equal(FollowUpState.Void, (await ConditionOfAsync(key)).State);
    }

    [Fact]
    public async Task The_owner_reports_and_the_function_that_asked_agrees()
    {
        var (key, condition) = await GivenAnOpenConditionAsync();

        await Get<SeeToCondition>().ReportAsync(condition.Id, "Line is in the template since Monday, see CLM-112.", Who("submitter"));
        Assert.Contains(await ToldAsync("legal2"), n => n.Kind == "condition-reported");
        await Get<SeeToCondition>().AcceptAsync(condition.Id, Who("legal2"));

        Assert.Equal((FollowUpState.Met, "Paul Novak"), ((await ConditionOfAsync(key)).State, (await ConditionOfAsync(key)).AcceptedByName));
        Assert.Equal(["ConditionReported", "ConditionMet"], (await ActionsAsync(key)).TakeLast(2));
    }

    [Fact]
    public async Task A_report_that_does_not_convince_goes_back_to_the_owner_with_a_reason()
    {
        var (key, condition) = await GivenAnOpenConditionAsync();
        await Get<SeeToCondition>().ReportAsync(condition.Id, "Done.", Who("submitter"));

        Assert.Equal("reason-required", await RuleAsync(() => Get<SeeToCondition>().SendBackAsync(condition.Id, " ", Who("legal"))));
        await Get<SeeToCondition>().SendBackAsync(condition.Id, "Where can that be seen?", Who("legal"));

        Assert.Equal(FollowUpState.Open, (await ConditionOfAsync(key)).State);
        Assert.Contains(await ToldAsync("submitter"), n => n.Kind == "condition-sent-back");
    }

    [Fact]
    public async Task Nobody_judges_their_own_report_and_nobody_else_reports_or_judges()
    {
        var (_, condition) = await GivenAnOpenConditionAsync(owner: "legal");
        Assert.Equal("not-the-owner", await RuleAsync(() => Get<SeeToCondition>().ReportAsync(condition.Id, "Done.", Who("security"))));
        Assert.Equal("condition-not-reported", await RuleAsync(() => Get<SeeToCondition>().AcceptAsync(condition.Id, Who("legal2"))));
        await Get<SeeToCondition>().ReportAsync(condition.Id, "Done.", Who("legal"));

        Assert.Equal("own-report", await RuleAsync(() => Get<SeeToCondition>().AcceptAsync(condition.Id, Who("legal"))));
        Assert.Equal("not-your-condition", await RuleAsync(() => Get<SeeToCondition>().AcceptAsync(condition.Id, Who("security"))));
        Assert.Equal("condition-reported", await RuleAsync(() => Get<SeeToCondition>().ReportAsync(condition.Id, "Again.", Who("legal"))));
    }

    [Fact]
    public async Task The_function_moves_a_condition_to_another_owner_and_day_for_a_reason()
    {
        var (key, condition) = await GivenAnOpenConditionAsync();

        await Get<SeeToCondition>().MoveAsync(condition.Id, Who("privacy").Id, Today.AddDays(40), "Tomás runs the template.", Who("legal"));

        var moved = await ConditionOfAsync(key);
        Assert.Equal((Who("privacy").Name, Today.AddDays(40)), (moved.OwnerName, moved.DueOn));
        Assert.Contains(await ToldAsync("privacy"), n => n.Kind == "condition-set");
        Assert.Equal("condition-date", await RuleAsync(() => Get<SeeToCondition>().MoveAsync(condition.Id, Who("privacy").Id, Today.AddDays(-1), "Late.", Who("legal"))));
        Assert.Equal("not-your-condition", await RuleAsync(() => Get<SeeToCondition>().MoveAsync(condition.Id, Who("privacy").Id, Today, "Mine.", Who("security"))));
    }

    [Fact]
    public async Task A_condition_for_yesterday_or_for_nobody_is_refused_and_nothing_is_decided()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);

        Assert.Equal("condition-date", await RuleAsync(() => DecideWithConditionAsync(task, new ConditionDraft("Mark it.", DueOn: Today.AddDays(-1)))));
        Assert.Equal("condition-owner", await RuleAsync(() => DecideWithConditionAsync(task, new ConditionDraft("Mark it.", PersonId.Of("ghost", "demo")))));
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(key));
    }

    [Theory]
    [InlineData("operator")]
    [InlineData("auditor")]
    public async Task Somebody_who_takes_no_part_in_the_use_case_is_not_told_of_a_condition_by_owning_it(string persona)
    {
        var (key, condition) = await GivenAnOpenConditionAsync();
        var (other, task) = await GivenATaskAsync(Role.Legal);

        Assert.Equal("condition-owner", await RuleAsync(() => DecideWithConditionAsync(task, new ConditionDraft("Mark it.", Who(persona).Id))));
        Assert.Equal("condition-owner", await RuleAsync(() => Get<SeeToCondition>().MoveAsync(condition.Id, Who(persona).Id, Today.AddDays(5), "Theirs.", Who("legal"))));

        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(other));
        Assert.Equal("Nils Berg", (await ConditionOfAsync(key)).OwnerName);
        Assert.Empty(await ToldAsync(persona));
        Assert.DoesNotContain(await Get<Discussion>().PeopleAsync(key, Permission.TakePart, Who("legal")), p => p.Id == Who(persona).Id);
    }

    [Fact]
    public async Task The_owner_is_reminded_before_the_day_and_the_function_and_the_lead_are_told_after_it()
    {
        await GivenAnOpenConditionAsync();
        await Get<SweepReviewTimers>().RunAsync();

        Clock.Advance(TimeSpan.FromDays(6));
        await Get<SweepReviewTimers>().RunAsync();
        Assert.Single(await ToldAsync("submitter"), n => n.Kind == "condition-due");
        Assert.DoesNotContain(await ToldAsync("legal2"), n => n.Kind == "condition-due");

        Clock.Advance(TimeSpan.FromDays(6));
        await Get<SweepReviewTimers>().RunAsync();
        Assert.Equal(2, (await ToldAsync("submitter")).Count(n => n.Kind == "condition-due"));
        Assert.Single(await ToldAsync("legal2"), n => n.Kind == "condition-due");
        Assert.Single(await ToldAsync("coe-lead"), n => n.Kind == "condition-due");
    }

    private async Task<(string Key, ConditionFollowUp Condition)> GivenAnOpenConditionAsync(string? owner = null)
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await DecideWithConditionAsync(task, new ConditionDraft("Each letter says that AI helped.", owner is null ? null : Who(owner).Id, Today.AddDays(10)));
        foreach (var function in new[] { Role.Security, Role.Privacy, Role.CoeLead })
        {
            await DecideAsync((await OpenTaskAsync(key, function))!, PersonaOf(function), DecisionKind.Approve);
        }

        Assert.Equal(Stage.Approved, (await UseCaseAsync(key)).Stage);
        return (key, await ConditionOfAsync(key));
    }

    private async Task<ConditionFollowUp> ConditionOfAsync(string key)
    {
        await using var db = await DbAsync();
        return await db.ConditionFollowUps.AsNoTracking().SingleAsync(f => f.UseCaseKey == key);
    }

    private async Task DecideWithConditionAsync(ReviewTask task, ConditionDraft condition)
    {
        await using var db = await DbAsync();
        var hash = await db.ApprovalRounds.Where(r => r.Id == task.RoundId).Select(r => r.ContentHash).SingleAsync();
        await Get<DecideReview>().RunAsync(task.Id, new(DecisionKind.ApproveWithConditions, "One thing first.", [condition], hash), Confirmed("legal"));
    }
}
