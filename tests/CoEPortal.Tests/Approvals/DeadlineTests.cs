using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Approvals;

/// <summary>The clock starts on Monday, 23 November 2026; the standard lane gives three working days.</summary>
public sealed class DeadlineTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task Everybody_of_the_function_is_told_when_they_are_asked_and_once_before_it_is_due()
    {
        var (_, task) = await GivenATaskAsync(Role.Legal);
        Assert.Equal(["review-asked"], (await ToldAsync("legal")).Select(n => n.Kind));
        Assert.Equal($"/tasks/{task.Id}", (await ToldAsync("legal2")).Single().Link);

        await SweepAfterAsync(days: 2.5);
        await SweepAfterAsync(days: 0);

        Assert.Single(await ToldAsync("legal"), n => n.Kind == "review-reminder");
    }

    [Fact]
    public async Task Only_who_took_it_and_their_stand_in_are_reminded()
    {
        var (_, task) = await GivenATaskAsync(Role.Legal);
        await Get<ClaimTask>().RunAsync(task.Id, takeOver: false, Who("legal"));

        await SweepAfterAsync(days: 2.5);

        Assert.Single(await ToldAsync("legal"), n => n.Kind == "review-reminder");
        Assert.DoesNotContain(await ToldAsync("legal2"), n => n.Kind == "review-reminder");
    }

    [Fact]
    public async Task Silence_escalates_again_and_again_and_never_approves()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);

        for (var week = 0; week < 8; week++)
        {
            await SweepAfterAsync(days: 7);
        }

        var waiting = (await OpenTaskAsync(key, Role.Legal))!;
        Assert.Equal((TaskState.Open, ReviewTask.HighestEscalation), (waiting.State, waiting.EscalationLevel));
        Assert.Equal(ReviewTask.HighestEscalation, (await ToldAsync("coe-lead")).Count(n => n.Kind == "review-overdue" && n.Link == $"/tasks/{task.Id}"));
        Assert.Equal(Stage.InReview, (await UseCaseAsync(key)).Stage);
        Assert.DoesNotContain("DecisionRecorded", await ActionsAsync(key));
        Assert.Contains((await Get<ReviewInbox>().ForAsync(Who("coe-lead"), new InboxFilter(View: InboxView.Escalated))).Items, r => r.TaskId == task.Id);
    }

    [Fact]
    public async Task A_task_that_was_answered_reminds_nobody()
    {
        var (_, task) = await GivenATaskAsync(Role.Legal);
        await DecideAsync(task, "legal", DecisionKind.Approve);

        await SweepAfterAsync(days: 20);

        Assert.DoesNotContain(await ToldAsync("legal"), n => n.Kind is "review-reminder" or "review-overdue");
    }

    [Fact]
    public async Task Weekends_are_not_working_days()
    {
        // Thursday: three working days later is Tuesday, 17:00 in Berlin.
        Clock.Advance(TimeSpan.FromDays(3));
        var (_, task) = await GivenATaskAsync(Role.Legal);

        Assert.Equal(new DateTimeOffset(2026, 12, 1, 16, 0, 0, TimeSpan.Zero), task.DueAt);
    }

    [Theory]
    [InlineData(1, "2026-12-28")]
    [InlineData(4, "2026-12-31")]
    [InlineData(5, "2027-01-04")]
    public void Holidays_of_the_organisation_are_not_working_days(int days, string due)
    {
        var organisation = new Organisation { Holidays = [new(2026, 12, 25), new(2027, 1, 1)] };
        var christmasEve = new DateTimeOffset(2026, 12, 24, 9, 0, 0, TimeSpan.Zero);

        Assert.Equal(DateOnly.Parse(due, System.Globalization.CultureInfo.InvariantCulture), organisation.DayOf(organisation.AfterWorkingDays(christmasEve, days)));
    }

    [Fact]
    public async Task A_timer_that_cannot_be_done_holds_up_no_other_and_is_tried_again()
    {
        var (_, broken) = await GivenATaskAsync(Role.Legal);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await GivenATaskAsync(Role.Security);
        await AsOwnerAsync($"update approval_round set required_functions = '{{Astrology}}' where id = '{broken.RoundId}'");

        Clock.Advance(TimeSpan.FromDays(2.5));
        await Get<SweepReviewTimers>().RunAsync();
        Assert.DoesNotContain(await ToldAsync("legal"), n => n.Kind == "review-reminder" && n.Link == $"/tasks/{broken.Id}");
        Assert.Contains(await ToldAsync("security"), n => n.Kind == "review-reminder");

        await AsOwnerAsync($"update approval_round set required_functions = '{{Legal,Security,Privacy,CoeLead}}' where id = '{broken.RoundId}'");
        await Get<SweepReviewTimers>().RunAsync();
        Assert.Contains(await ToldAsync("legal"), n => n.Kind == "review-reminder" && n.Link == $"/tasks/{broken.Id}");
    }

    [Fact]
    public async Task Two_nodes_that_sweep_at_once_do_each_thing_once()
    {
        for (var i = 0; i < 5; i++)
        {
            await GivenATaskAsync(Role.Legal);
        }

        Clock.Advance(TimeSpan.FromDays(2.5));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get<SweepReviewTimers>().RunAsync()));
        // a row that one of them held was passed over; the next sweep finds it
        await Get<SweepReviewTimers>().RunAsync();

        Assert.Equal(5, (await ToldAsync("legal")).Count(n => n.Kind == "review-reminder"));
        await using var db = await DbAsync();
        Assert.False(await db.ReviewTimers.AnyAsync(t => t.State == TimerState.Pending && t.DueAt <= Clock.GetUtcNow()));
    }

    private async Task SweepAfterAsync(double days)
    {
        Clock.Advance(TimeSpan.FromDays(days));
        await Get<SweepReviewTimers>().RunAsync();
    }
}
