using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

public enum InboxSort { Due, Opened, Title, Lane }

/// <summary>Whose tasks an inbox shows.</summary>
public enum InboxView
{
    /// <summary>What the person can decide now: free tasks of their functions, those they took, and those they stand in for.</summary>
    Mine,

    /// <summary>Only what they took themselves.</summary>
    Claimed,

    /// <summary>What colleagues of the same function have taken.</summary>
    TakenByOthers,

    /// <summary>Overdue tasks of every function that a CoE lead was told of.</summary>
    Escalated,
}

/// <param name="MayDecide">Leaves out the person's own work, which waits for somebody else.</param>
public sealed record InboxFilter(
    string? Search = null, Lane? Lane = null, Role? Function = null, bool Overdue = false, bool MayDecide = false, InboxView View = InboxView.Mine);

public sealed record InboxRow(
    Guid TaskId, string UseCaseKey, string Title, string BusinessUnit, Role Function, Lane Lane, RiskClass RiskClass, int Revision,
    DateTimeOffset OpenedAt, DateTimeOffset DueAt, string ContentHash, string AskedBy, bool IsOwnWork,
    string? AssigneeId = null, string? AssigneeName = null, int EscalationLevel = 0)
{
    public ReviewTopic Topic { get; init; }

    /// <summary>What is asked about, where it is not the revision itself.</summary>
    public string TopicName { get; init; } = "";
}

/// <summary>Where a task lies in a person's inbox, most urgent first, and what lies around it.</summary>
/// <param name="Position">From 1; null when it is not, or no longer, in there.</param>
/// <param name="NextToDecide">The next one that this person may decide, from the top again after the last.</param>
public sealed record InboxPlace(int? Position, int Total, Guid? Previous, Guid? Next, Guid? NextToDecide);

/// <summary>What waits for a person: the open tasks of the functions they hold.</summary>
public sealed class ReviewInbox(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int Furthest = 500;

    public async Task<Page<InboxRow>> ForAsync(
        Actor person, InboxFilter filter, InboxSort sort = InboxSort.Due, bool descending = false, int page = 1, int size = 20,
        CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(person, Permission.DecideReviews);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var rows =
            from task in OpenFor(db, person, filter.View)
            join round in db.ApprovalRounds.AsNoTracking() on task.RoundId equals round.Id
            join useCase in db.UseCases.AsNoTracking() on round.UseCaseId equals useCase.Id
            join revision in db.Set<UseCaseRevision>().AsNoTracking()
                on new { UseCaseId = useCase.Id, Number = round.RevisionNumber } equals new { revision.UseCaseId, revision.Number }
            select new { task, round, useCase, revision };

        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = Search.Pattern(filter.Search);
            rows = rows.Where(r => EF.Functions.ILike(r.useCase.Title, pattern, Search.Escape) || EF.Functions.ILike(r.useCase.Key, pattern, Search.Escape));
        }

        rows = filter.Lane is { } lane ? rows.Where(r => r.round.Lane == lane) : rows;
        rows = filter.Function is { } function ? rows.Where(r => r.task.Function == function) : rows;
        var me = person.Id.Value;
        rows = filter.MayDecide ? rows.Where(r => !r.round.Authors.Contains(me)) : rows;
        rows = filter.Overdue ? rows.Where(r => r.task.DueAt < now) : rows;
        var ordered = (sort, descending) switch
        {
            (InboxSort.Opened, false) => rows.OrderBy(r => r.task.OpenedAt),
            (InboxSort.Opened, true) => rows.OrderByDescending(r => r.task.OpenedAt),
            (InboxSort.Title, false) => rows.OrderBy(r => r.useCase.Title),
            (InboxSort.Title, true) => rows.OrderByDescending(r => r.useCase.Title),
            (InboxSort.Lane, false) => rows.OrderBy(r => r.round.Lane),
            (InboxSort.Lane, true) => rows.OrderByDescending(r => r.round.Lane),
            (_, false) => rows.OrderBy(r => r.task.DueAt),
            (_, true) => rows.OrderByDescending(r => r.task.DueAt),
        };
        return await ordered.ThenBy(r => r.task.Id)
            .Select(r => new InboxRow(
                r.task.Id, r.useCase.Key, r.useCase.Title, r.useCase.BusinessUnit, r.task.Function, r.round.Lane, r.useCase.RiskClass!.Value,
                r.round.RevisionNumber, r.task.OpenedAt, r.task.DueAt, r.round.ContentHash, r.revision.SubmittedByName, r.round.Authors.Contains(me),
                r.task.AssigneeId, r.task.AssigneeName, r.task.EscalationLevel)
            { Topic = r.round.Topic, TopicName = r.round.TopicName })
            .ToPageAsync(page, size, cancellation);
    }

    public async Task<InboxPlace> PlaceAsync(Guid taskId, Actor person, CancellationToken cancellation = default)
    {
        if (!AccessPolicy.Allows(person, Permission.DecideReviews))
        {
            return new InboxPlace(null, 0, null, null, null);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        var me = person.Id.Value;
        var tasks = await (
            from task in OpenFor(db, person, InboxView.Mine)
            join round in db.ApprovalRounds.AsNoTracking() on task.RoundId equals round.Id
            orderby task.DueAt, task.Id
            select new { task.Id, MayDecide = !round.Authors.Contains(me) && !round.Decisions.Any(d => d.PersonId == me || d.OnBehalfOfId == me) })
            .Take(Furthest).ToListAsync(cancellation);
        var at = tasks.FindIndex(t => t.Id == taskId);
        var open = tasks.Where(t => t.MayDecide && t.Id != taskId).Select(t => (Guid?)t.Id).ToList();
        var after = tasks.Skip(at + 1).FirstOrDefault(t => t.MayDecide)?.Id;
        return new InboxPlace(
            at < 0 ? null : at + 1, tasks.Count, at > 0 ? tasks[at - 1].Id : null, at >= 0 && at < tasks.Count - 1 ? tasks[at + 1].Id : null,
            after ?? open.FirstOrDefault());
    }

    public async Task<int> CountAsync(Actor person, CancellationToken cancellation = default)
    {
        if (!AccessPolicy.Allows(person, Permission.DecideReviews))
        {
            return 0;
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await OpenFor(db, person, InboxView.Mine).CountAsync(cancellation);
    }

    private IQueryable<ReviewTask> OpenFor(GovernanceDb db, Actor person, InboxView view)
    {
        var functions = person.Roles.Order().ToArray();
        var me = person.Id.Value;
        var today = organisation.DayOf(clock.GetUtcNow());
        var open = db.ReviewTasks.AsNoTracking().Where(t => t.State == TaskState.Open);
        // As constants: there are few sets of functions, and the database keeps a plan for each instead of making one for each look.
        var mine = open.Where(t => EF.Constant(functions).Contains(t.Function));
        return view switch
        {
            InboxView.Claimed => mine.Where(t => t.AssigneeId == me),
            InboxView.TakenByOthers => mine.Where(t => t.AssigneeId != null && t.AssigneeId != me),
            InboxView.Escalated => person.Is(Role.CoeLead) ? open.Where(t => t.EscalationLevel > 0) : mine.Where(t => t.EscalationLevel > 0),
            _ => mine.Where(t => t.AssigneeId == null || t.AssigneeId == me
                || db.Delegations.Any(d => d.FromId == t.AssigneeId && d.ToId == me && d.Function == t.Function
                    && (d.TaskId == null || d.TaskId == t.Id) && d.RevokedAt == null && d.StartsOn <= today && d.EndsOn >= today)),
        };
    }
}
