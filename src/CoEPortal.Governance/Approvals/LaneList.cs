using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

public enum LaneStatus { Running, Finished, Cancelled, Faulted }

public sealed record LaneFilter(string? Search = null, LaneStatus? Status = null, string? DefinitionId = null, bool WithIncident = false);

/// <param name="WaitsFor">Functions with an open task.</param>
public sealed record LaneRow(
    Guid Id, string UseCaseKey, string Title, int Revision, int Round, string DefinitionId, int DefinitionVersion, LaneStatus Status,
    RoundStatus RoundStatus, IReadOnlyList<Role> WaitsFor, DateTimeOffset? WaitsSince, int OpenIncidents, DateTimeOffset StartedAt, DateTimeOffset ChangedAt);

/// <summary>Everything about one running or ended lane.</summary>
public sealed record LaneSheet(
    LaneInstance Instance, WorkflowDefinition Definition, WorkflowState State, ApprovalRound Round, string Title, IReadOnlyList<ReviewTask> Tasks,
    IReadOnlyList<LaneJournalEntry> Journal, IReadOnlyDictionary<string, string> Names, IReadOnlyList<LaneIncident> Incidents, IReadOnlyList<int> NewerVersions)
{
    /// <summary>Where it is, for its drawing.</summary>
    public InstanceView View { get; } = ViewOf(Instance, Definition, State, Journal);

    // A journal cut short would count wrongly, so then the state alone tells.
    internal static InstanceView ViewOf(LaneInstance instance, WorkflowDefinition definition, WorkflowState state, IReadOnlyList<LaneJournalEntry> journal) =>
        InstanceView.Of(definition, state, journal.Count < instance.JournalLength ? null : [.. journal.Select(e => new JournalEntry(e.Activity, Enum.Parse<ActivityEvent>(e.Event)))]);
}

/// <summary>The lanes as the operators of the portal see them: which run, what each waits for, what went wrong.</summary>
public sealed class LaneList(IDbContextFactory<GovernanceDb> databases, PublishedDefinitions definitions)
{
    public const int JournalLimit = 500;

    public async Task<Page<LaneRow>> OfAsync(LaneFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadWorkflows);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows =
            from instance in db.LaneInstances.AsNoTracking()
            join round in db.ApprovalRounds.AsNoTracking() on instance.RoundId equals round.Id
            join useCase in db.UseCases.AsNoTracking() on round.UseCaseId equals useCase.Id
            select new { instance, round, useCase };
        if (!string.IsNullOrWhiteSpace(filter.Search))
        {
            var pattern = Search.Pattern(filter.Search);
            rows = rows.Where(r => EF.Functions.ILike(r.useCase.Title, pattern, Search.Escape) || EF.Functions.ILike(r.useCase.Key, pattern, Search.Escape));
        }

        if (filter.Status is { } status)
        {
            var text = TextOf(status);
            rows = rows.Where(r => r.instance.Status == text);
        }

        rows = filter.DefinitionId is { } definition ? rows.Where(r => r.instance.DefinitionId == definition) : rows;
        rows = filter.WithIncident ? rows.Where(r => db.LaneIncidents.Any(i => i.InstanceId == r.instance.Id && i.ResolvedAt == null)) : rows;
        var found = await rows.OrderByDescending(r => r.instance.ChangedAt).ThenBy(r => r.instance.Id)
            .Select(r => new
            {
                r.instance.Id,
                r.instance.DefinitionId,
                r.instance.DefinitionVersion,
                r.instance.Status,
                r.instance.StartedAt,
                r.instance.ChangedAt,
                r.round.UseCaseKey,
                r.round.RevisionNumber,
                r.round.Number,
                RoundStatus = r.round.Status,
                r.useCase.Title,
                Waiting = db.ReviewTasks.Where(t => t.InstanceId == r.instance.Id && t.State == TaskState.Open).OrderBy(t => t.OpenedAt).Select(t => new { t.Function, t.OpenedAt }).ToList(),
                Incidents = db.LaneIncidents.Count(i => i.InstanceId == r.instance.Id && i.ResolvedAt == null),
            })
            .ToPageAsync(page, size, cancellation);
        return new Page<LaneRow>(
            [
                .. found.Items.Select(r => new LaneRow(
                    r.Id, r.UseCaseKey, r.Title, r.RevisionNumber, r.Number, r.DefinitionId, r.DefinitionVersion, StatusOf(r.Status), r.RoundStatus,
                    [.. r.Waiting.Select(w => w.Function)], r.Waiting.Count > 0 ? r.Waiting[0].OpenedAt : null, r.Incidents, r.StartedAt, r.ChangedAt)),
            ],
            found.Total, found.Number, found.Size);
    }

    public async Task<LaneSheet> OneAsync(Guid instanceId, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadWorkflows);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var instance = await db.LaneInstances.AsNoTracking().SingleOrDefaultAsync(i => i.Id == instanceId, cancellation)
            ?? throw new NotFoundException("review", instanceId.ToString());
        return await SheetAsync(db, instance, cancellation);
    }

    /// <summary>The lane of a round, for who may read its use case.</summary>
    public async Task<LaneSheet?> OfRoundAsync(Guid roundId, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var instance = await db.LaneInstances.AsNoTracking().SingleOrDefaultAsync(i => i.RoundId == roundId, cancellation);
        if (instance is null)
        {
            return null;
        }

        var key = await db.ApprovalRounds.Where(r => r.Id == roundId).Select(r => r.UseCaseKey).SingleAsync(cancellation);
        await db.DemandReadableAsync(key, reader, cancellation);
        return await SheetAsync(db, instance, cancellation);
    }

    public async Task<int> CountIncidentsAsync(Actor reader, CancellationToken cancellation = default)
    {
        if (!AccessPolicy.Allows(reader, Permission.OperateWorkflows))
        {
            return 0;
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.LaneIncidents.CountAsync(i => i.ResolvedAt == null, cancellation);
    }

    private async Task<LaneSheet> SheetAsync(GovernanceDb db, LaneInstance instance, CancellationToken cancellation)
    {
        var round = await db.ApprovalRounds.AsNoTracking().Include(r => r.Decisions).SingleAsync(r => r.Id == instance.RoundId, cancellation);
        var journal = await db.Set<LaneJournalEntry>().AsNoTracking().Where(e => e.InstanceId == instance.Id)
            .OrderByDescending(e => e.Sequence).Take(JournalLimit).ToListAsync(cancellation);
        journal.Reverse();
        var actors = journal.Select(e => e.ActorId).Distinct().ToList();
        return new LaneSheet(
            instance,
            await definitions.OfAsync(db, instance.DefinitionId, instance.DefinitionVersion, cancellation),
            WorkflowState.FromJson(instance.State),
            round,
            await db.UseCases.Where(u => u.Id == round.UseCaseId).Select(u => u.Title).SingleAsync(cancellation),
            await db.ReviewTasks.AsNoTracking().Where(t => t.InstanceId == instance.Id).OrderBy(t => t.OpenedAt).ThenBy(t => t.Id).ToListAsync(cancellation),
            journal,
            await db.People.AsNoTracking().Where(p => actors.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellation),
            await db.LaneIncidents.AsNoTracking().Where(i => i.InstanceId == instance.Id).OrderByDescending(i => i.RaisedAt).Take(50).ToListAsync(cancellation),
            await db.PublishedWorkflows.Where(p => p.DefinitionId == instance.DefinitionId && p.DefinitionVersion > instance.DefinitionVersion)
                .OrderBy(p => p.DefinitionVersion).Select(p => p.DefinitionVersion).ToListAsync(cancellation));
    }

    private static string TextOf(LaneStatus status) => status is LaneStatus.Running ? "Running/Suspended" : $"Finished/{status}";

    private static LaneStatus StatusOf(string text) => text is "Running/Suspended" ? LaneStatus.Running : Enum.Parse<LaneStatus>(text["Finished/".Length..]);
}
