using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What a sweep did.</summary>
public sealed record SweptCampaigns(bool Opened, int ExceptionsEnded, int Answers, int NamesDestroyed);

/// <summary>
/// What happens to campaigns by itself: one opens each quarter, exceptions end and come back to the list, deadlines are asked for, people
/// are reminded of the survey, its answers are released, and names are destroyed when their time is over. Each in a transaction of its own.
/// </summary>
public sealed partial class SweepCampaigns(
    IDbContextFactory<GovernanceDb> databases, OpenCampaign open, AnswerSurvey survey, VersionedFiles<ToolRisk> risks, ServiceCatalogue catalogue, Notices notices, Organisation organisation,
    TimeProvider clock, ILogger<SweepCampaigns> log)
{
    private const int MostAtOnce = 200;
    private const int WarnDays = 7;

    private static readonly Actor Rule = Actor.Rule("campaign-sweep");

    public async Task<SweptCampaigns> RunAsync(CancellationToken cancellation = default)
    {
        var opened = false;
        await TryAsync("the campaign of the quarter", async () => opened = await open.RunDueAsync(cancellation) is not null);
        var today = organisation.DayOf(clock.GetUtcNow());
        var ended = await EachAsync(db => db.ToolFindings.Where(f => f.Disposition == Disposition.Exception && f.EndedAt == null && f.Until < today).OrderBy(f => f.Until).Select(f => f.Id), EndAsync, cancellation);
        var answers = 0;
        await EachAsync(
            db => db.Campaigns.Where(c => c.State == CampaignState.Open && (c.SurveyReleasedOn == null || c.SurveyReleasedOn < today)).OrderBy(c => c.Key).Select(c => c.Key),
            async key => answers += await survey.ReleaseAsync(key, cancellation), cancellation);
        await EachAsync(db => db.Campaigns.Where(c => c.State == CampaignState.Open && c.DueOn <= today.AddDays(WarnDays)).OrderBy(c => c.Key).Select(c => c.Key), WarnAsync, cancellation);
        await EachAsync(
            db => db.ToolFindings.Where(f => f.DoneAt == null && f.EndedAt == null && f.DueOn < today && f.Disposition != Disposition.Undecided && f.Disposition != Disposition.Exception && f.Disposition != Disposition.Approved
                && !db.Notifications.Any(n => n.PersonId == f.OwnerId && n.DedupeKey == "finding-late/" + f.Id)).OrderBy(f => f.DueOn).Select(f => f.Id),
            AskAsync, cancellation);
        await EachAsync(
            db => db.ToolFindings.Where(f => f.DoneAt == null && f.EndedAt == null && f.DueOn >= today && f.DueOn <= today.AddDays(WarnDays) && f.Disposition != Disposition.Undecided && f.Disposition != Disposition.Exception
                && f.Disposition != Disposition.Approved && !db.Notifications.Any(n => n.PersonId == f.OwnerId && n.DedupeKey == "finding-due/" + f.Id)).OrderBy(f => f.DueOn).Select(f => f.Id),
            RemindAsync, cancellation);
        await EachAsync(db => db.Campaigns.Where(c => c.State == CampaignState.Open && c.DueOn <= today.AddDays(WarnDays)).OrderBy(c => c.Key).Select(c => c.Key), RemindOfSurveyAsync, cancellation);
        var before = clock.GetUtcNow() - Campaign.KeepNames;
        var destroyed = await EachAsync(db => db.Campaigns.Where(c => c.ClosedAt < before && c.NamesDestroyedAt == null).OrderBy(c => c.Key).Select(c => c.Key), DestroyAsync, cancellation);
        return new SweptCampaigns(opened, ended, answers, destroyed);
    }

    /// <summary>It lacks a disposition again; where its campaign is closed, it comes into the open one.</summary>
    private async Task EndAsync(Guid id)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var (now, today) = (clock.GetUtcNow(), organisation.DayOf(clock.GetUtcNow()));
        var key = await db.ToolFindings.Where(f => f.Id == id).Select(f => f.CampaignKey).SingleAsync();
        var campaign = await CampaignScope.LockedAsync(db, key, Rule, Permission.RunCampaigns, default);
        var finding = await db.ToolFindings.SingleAsync(f => f.Id == id);
        if (finding.EndedAt is not null || finding.Disposition is not Disposition.Exception || finding.Until >= today)
        {
            return;
        }

        finding.EndException(Rule, now);
        await db.SaveChangesAsync();
        if (campaign.State is CampaignState.Closed && await db.Campaigns.Where(c => c.State == CampaignState.Open).OrderByDescending(c => c.OpenedAt).Select(c => c.Key).FirstOrDefaultAsync() is { } next)
        {
            var current = await CampaignScope.LockedAsync(db, next, Rule, Permission.RunCampaigns, default);
            await OpenCampaign.CarryAsync(db, current, [finding], risks.InForce(now), catalogue, now, default);
        }

        var people = new[] { finding.OwnerId!, campaign.OwnerId }.Distinct().Select(p => new Notice(
            new PersonId(p), "exception-ended", $"The exception for {finding.Name} has ended", $"{finding.Department}, until {finding.Until:yyyy-MM-dd}. It has to be decided again.", DecideFinding.LinkOf(finding), null, $"exception-ended/{finding.Id:N}/{finding.Version}"));
        await notices.SendAsync(db, [.. people], now, default);
        await transaction.CommitAsync();
    }

    private Task WarnAsync(string key) => TellAsync(async db =>
    {
        var campaign = await db.Campaigns.AsNoTracking().SingleAsync(c => c.Key == key);
        var isLate = campaign.DueOn < organisation.DayOf(clock.GetUtcNow());
        var left = await db.ToolFindings.CountAsync(f => f.CampaignId == campaign.Id && (f.Disposition == Disposition.Undecided || f.EndedAt != null));
        return new Notice(
            new PersonId(campaign.OwnerId), isLate ? "campaign-late" : "campaign-due", $"{campaign.Key} {campaign.Title} {(isLate ? "is overdue" : "is due soon")}", $"Due {campaign.DueOn:yyyy-MM-dd}; {left} findings have no disposition.", $"/shadow-ai/{key}", null,
            $"{key}/{(isLate ? "late" : "due")}/{campaign.DueOn:yyyyMMdd}");
    });

    private Task AskAsync(Guid id) => TellAsync(async db =>
    {
        var finding = await db.ToolFindings.AsNoTracking().SingleAsync(f => f.Id == id);
        return new Notice(
            new PersonId(finding.OwnerId!), "finding-late", $"{finding.Name} in {finding.CampaignKey} is overdue", $"Due {finding.DueOn:yyyy-MM-dd}.", DecideFinding.LinkOf(finding), null, $"finding-late/{finding.Id}");
    });

    private Task RemindAsync(Guid id) => TellAsync(async db =>
    {
        var finding = await db.ToolFindings.AsNoTracking().SingleAsync(f => f.Id == id);
        return new Notice(new PersonId(finding.OwnerId!), "finding-due", $"{finding.Name} in {finding.CampaignKey} is due soon", $"Due {finding.DueOn:yyyy-MM-dd}.", DecideFinding.LinkOf(finding), null, $"finding-due/{finding.Id}");
    });

    /// <summary>Everybody of the departments, once before and once after the day: nobody knows who has answered.</summary>
    private async Task RemindOfSurveyAsync(string key)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var campaign = await db.Campaigns.AsNoTracking().SingleAsync(c => c.Key == key);
        var (isLate, departments) = (campaign.DueOn < organisation.DayOf(clock.GetUtcNow()), campaign.Departments);
        var occasion = $"{key}/survey-{(isLate ? "late" : "due")}/{campaign.DueOn:yyyyMMdd}";
        var people = await db.People.AsNoTracking().Where(p => p.IsActive && departments.Contains(p.BusinessUnit) && !db.Notifications.Any(n => n.PersonId == p.Id && n.DedupeKey == occasion))
            .OrderBy(p => p.Id).Take(MostAtOnce).ToListAsync();
        await notices.SendAsync(db, [.. people.Select(p => p.Actor).Where(a => AccessPolicy.Allows(a, Permission.AnswerSurvey)).Select(a => new Notice(
            a.Id, isLate ? "survey-late" : "survey-due", isLate ? $"The survey of {key} was due {campaign.DueOn:yyyy-MM-dd}" : $"The survey of {key} ends {campaign.DueOn:yyyy-MM-dd}",
            "Which AI tools do you use? Nobody knows who answers, so everybody is asked: if you have answered, there is nothing to do.", "/shadow-ai/survey", null, occasion))], clock.GetUtcNow(), default);
        await transaction.CommitAsync();
    }

    private async Task TellAsync(Func<GovernanceDb, Task<Notice>> notice)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await notices.SendAsync(db, [await notice(db)], clock.GetUtcNow(), default);
        await transaction.CommitAsync();
    }

    private async Task DestroyAsync(string key)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var campaign = await CampaignScope.LockedAsync(db, key, Rule, Permission.RunCampaigns, default);
        if (!campaign.HasNames)
        {
            return;
        }

        var people = await db.CampaignPeople.CountAsync(p => p.CampaignId == campaign.Id);
        await db.Database.ExecuteSqlAsync($"update campaign_person set sealed = null where campaign_id = {campaign.Id} and sealed is not null");
        await db.Database.ExecuteSqlAsync($"delete from campaign_department_list where campaign_id = {campaign.Id}");
        await CampaignKey.DestroyAsync(db, campaign.Id, default);
        campaign.DestroyNames(people, Rule, clock.GetUtcNow());
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }

    private async Task<int> EachAsync<T>(Func<GovernanceDb, IQueryable<T>> find, Func<T, Task> act, CancellationToken cancellation)
    {
        List<T> due;
        await using (var db = await databases.CreateDbContextAsync(cancellation))
        {
            due = await find(db).Take(MostAtOnce).ToListAsync(cancellation);
        }

        var done = 0;
        foreach (var one in due)
        {
            done += await TryAsync($"{one}", () => act(one)) ? 1 : 0;
        }

        return done;
    }

    // The next sweep tries it again; the others must not wait for it.
    private async Task<bool> TryAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(log, fault, what);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Error, "The sweep of campaigns could not see to {What}")]
    private static partial void LogFault(ILogger log, Exception fault, string what);
}
