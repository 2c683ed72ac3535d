using System.Linq.Expressions;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Audit;

/// <summary>One entry of a timeline. As stored it says nothing personal; <see cref="OpenEntries"/> gives it back its names and words.</summary>
public sealed record TimelineEntry(
    Guid EventId, string SubjectType, string SubjectKey, int SubjectVersion, DateTimeOffset OccurredAt, DateTimeOffset RecordedAt,
    string ActorId, string ActorName, string Action, string? ContentHash, string Body)
{
    internal static readonly Expression<Func<AuditEvent, TimelineEntry>> AsStored = e => new TimelineEntry(
        e.EventId, e.SubjectType, e.SubjectKey, e.SubjectVersion, e.OccurredAt, e.RecordedAt, e.ActorId, e.ActorName, e.Action, e.ContentHash, e.Body)
    {
        Sealed = e.Sealed,
    };

    public JsonNode Details => JsonNode.Parse(Body)!;

    /// <summary>The same, encrypted; null once it was opened, and in entries from before there was such a thing.</summary>
    [JsonIgnore]
    public string? Sealed { get; init; }

    /// <summary>Where this says only that something was erased, or cannot be read: places in the body (<c>comment</c>, <c>conditions/0</c>), and <c>actorName</c>.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Erased { get; init; } = [];
}

/// <summary>What happened to a use case, newest first. Who may read the use case may read its timeline.</summary>
public sealed class Timeline(IDbContextFactory<GovernanceDb> databases, OpenEntries open)
{
    public const int PageLimit = 200;

    public async Task<Page<TimelineEntry>> OfAsync(
        string useCaseKey, Actor reader, int page = 1, int size = 25, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var events = db.AuditEvents.AsNoTracking().Where(e => e.UseCaseKey == useCaseKey);
        var found = await events.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId).Select(TimelineEntry.AsStored)
            .ToPageAsync(page, Math.Min(size, PageLimit), cancellation);
        return found with { Items = await open.RunAsync(db, found.Items, cancellation) };
    }
}
