using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Audit;

/// <summary>One entry of a timeline.</summary>
public sealed record TimelineEntry(
    Guid EventId, string SubjectType, string SubjectKey, int SubjectVersion, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt,
    string ActorId, string ActorName, string Action, string? ContentHash, string Body)
{
    public JsonNode Details => JsonNode.Parse(Body)!;
}

/// <summary>What happened to a use case, newest first. Who may read the use case may read its timeline.</summary>
public sealed class Timeline(IDbContextFactory<GovernanceDb> databases)
{
    public const int PageLimit = 200;

    public async Task<Page<TimelineEntry>> OfAsync(
        string useCaseKey, Actor reader, int page = 1, int size = 25, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var events = db.AuditEvents.AsNoTracking().Where(e => e.UseCaseKey == useCaseKey);
        return await events.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId)
            .Select(e => new TimelineEntry(
                e.EventId, e.SubjectType, e.SubjectKey, e.SubjectVersion, e.OccurredAt, e.RecordedAt, e.ActorId, e.ActorName, e.Action, e.ContentHash, e.Body))
            .ToPageAsync(page, Math.Min(size, PageLimit), cancellation);
    }
}
