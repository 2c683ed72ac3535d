using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What goes on around the reviews of the demo organisation: who has taken what, what was asked, which conditions are met.</summary>
public sealed class DemoReviewWork(
    IDbContextFactory<GovernanceDb> databases, SettleReview settlement, ReviewNotices notices, Organisation organisation, TimeProvider realClock)
{
    private DemoClock _clock = new(realClock.GetUtcNow());

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        await OnClaimsLettersAsync(await KeyOfAsync("Claims letter drafting", cancellation), cancellation);
        await OnFraudHintsAsync(await KeyOfAsync("Fraud hint generator", cancellation), cancellation);
        await ReadOldNotificationsAsync(cancellation);
    }

    private async Task OnClaimsLettersAsync(string key, CancellationToken cancellation)
    {
        At(days: 6, hour: 9);
        var discussion = new Discussion(databases, notices, _clock);
        await discussion.WriteAsync(key, "@Nils Berg where are the drafts kept, and for how long? The one-pager names the archive but no period.", Who("privacy"), cancellation: cancellation);
        _clock.Pass(3);
        await discussion.WriteAsync(key, "@Tomás Ferreira with the claim, 30 days after the letter is sent. I will add it to the next revision if you need it in writing.", Who("submitter"), cancellation: cancellation);

        At(days: 2, hour: 10);
        var task = await TaskOfAsync(key, Role.Privacy, cancellation);
        var today = organisation.DayOf(_clock.GetUtcNow());
        await new DelegateReview(databases, organisation, notices, _clock).RunAsync(
            task, Role.Privacy, Who("privacy2").Id, today, today.AddDays(9), "At the authority in Bonn until the end of next week.", Who("privacy"), cancellation);
    }

    private async Task OnFraudHintsAsync(string key, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var conditions = await db.ConditionFollowUps.AsNoTracking().Where(f => f.UseCaseKey == key && f.State == FollowUpState.Open)
            .OrderBy(f => f.Number).ToListAsync(cancellation);
        At(days: 30, hour: 9);
        var seeTo = new SeeToCondition(databases, settlement, organisation, notices, _clock);
        foreach (var condition in conditions)
        {
            var isFirst = condition == conditions[0];
            await seeTo.ReportAsync(
                condition.Id,
                isFirst ? "The gateway deletes prompts every night after 30 days; job and last run are in the runbook, page 4."
                    : "The line is in all four letter templates since Monday, see CLM-112.",
                Who("submitter"), cancellation);
            _clock.Pass(5);
            if (isFirst)
            {
                await seeTo.AcceptAsync(condition.Id, Who("privacy2"), cancellation);
            }
        }
    }

    /// <summary>Nobody opens a demo to sixty unread messages.</summary>
    private async Task ReadOldNotificationsAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var recent = realClock.GetUtcNow().AddDays(-3);
        await db.Set<Notification>().Where(n => n.CreatedAt < recent && n.ReadAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(n => n.ReadAt, n => n.CreatedAt), cancellation);
    }

    private async Task<string> KeyOfAsync(string title, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.UseCases.Where(u => u.Title == title).Select(u => u.Key).SingleAsync(cancellation);
    }

    private async Task<Guid> TaskOfAsync(string key, Role function, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.ReviewTasks.Where(t => t.UseCaseKey == key && t.Function == function && t.State == TaskState.Open)
            .Select(t => t.Id).SingleAsync(cancellation);
    }

    private void At(int days, int hour)
    {
        var day = realClock.GetUtcNow().AddDays(-days);
        _clock = new DemoClock(new DateTimeOffset(day.Year, day.Month, day.Day, hour, 10, 0, TimeSpan.Zero));
    }

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
