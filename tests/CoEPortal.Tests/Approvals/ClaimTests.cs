using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Approvals;

public sealed class ClaimTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task Who_takes_a_task_has_it_until_they_give_it_back()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);

        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal"));
        Assert.Equal("Aisha Rahman", (await OpenTaskAsync(key, Role.Legal))!.AssigneeName);
        Assert.Equal("claimed-by-other", await RuleAsync(() => Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal2"))));
        Assert.Equal("claimed-by-other", await RuleAsync(() => Get<ClaimTask>().ReleaseAsync(task.Id, Who("legal2"))));

        await Get<ClaimTask>().ReleaseAsync(task.Id, Who("legal"));
        await DecideAsync(task, "legal2", DecisionKind.Approve);

        Assert.Equal(["ReviewTaskClaimed", "ReviewTaskReleased", "DecisionRecorded"], (await ActionsAsync(key)).TakeLast(3));
    }

    [Fact]
    public async Task A_colleague_takes_over_and_the_one_before_is_told()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal"));

        await Get<ClaimTask>().RunAsync(task.Id, takeOver: true, Who("legal2"));

        Assert.Contains("\"takenFrom\":\"Aisha Rahman\"", await BodyOfAsync(key, "ReviewTaskClaimed"), StringComparison.Ordinal);
        Assert.Contains(await ToldAsync("legal"), n => n.Kind == "review-taken-over");
        Assert.Equal("claimed-by-other", await RuleAsync(() => DecideAsync(task, "legal", DecisionKind.Approve)));
        await DecideAsync(task, "legal2", DecisionKind.Approve);
    }

    [Fact]
    public async Task A_CoE_lead_gives_back_a_task_that_somebody_cannot_see_to()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal"));

        await Get<ClaimTask>().ReleaseAsync(task.Id, Who("coe-lead"));

        Assert.Null((await OpenTaskAsync(key, Role.Legal))!.AssigneeId);
    }

    [Theory]
    [InlineData("security", "not-your-function")]
    [InlineData("submitter", "not-permitted")]
    [InlineData("auditor", "not-permitted")]
    [InlineData("admin", "not-permitted")]
    public async Task Only_the_function_that_is_asked_takes_its_task(string persona, string rule)
    {
        var (_, task) = await GivenATaskAsync(Role.Legal);

        Assert.Equal(rule, await RuleAsync(() => Get<ClaimTask>().RunAsync(task.Id, takeOver: true, Who(persona))));
    }

    [Fact]
    public async Task Nobody_takes_what_they_wrote_or_what_is_decided()
    {
        var author = await GivenAPersonAsync("author-legal", "Ann Author", Role.Legal, Role.Submitter);
        var useCase = await Get<Governance.Intake.StartUseCase>().RunAsync(author, ClaimsProposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, author);
        var task = (await OpenTaskAsync(useCase.Key, Role.Legal))!;
        Assert.Equal("own-proposal", await RuleAsync(() => Get<ClaimTask>().RunAsync(task.Id, takeOver: false, author)));

        await DecideAsync(task, "legal", DecisionKind.Approve);
        Assert.Equal("task-closed", await RuleAsync(() => Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal2"))));
    }

    [Fact]
    public async Task Two_colleagues_who_take_a_task_at_once_do_not_both_have_it()
    {
        for (var i = 0; i < 10; i++)
        {
            var (_, task) = await GivenATaskAsync(Role.Legal);

            var outcomes = await Task.WhenAll(
                AttemptAsync(() => Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal"))),
                AttemptAsync(() => Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal2"))));

            Assert.Equal("claimed-by-other", Assert.IsType<RuleViolationException>(Assert.Single(outcomes, o => o is not null)).Rule);
        }
    }
}
