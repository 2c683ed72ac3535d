using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Audit;

/// <param name="Text">In names of people as they are called now, in what it is about, and in what happened; not in what people wrote, which is sealed.</param>
/// <param name="Actor">Id of a person or rule.</param>
/// <param name="About">A use case's key, or the key of another subject.</param>
/// <param name="From">First day, in the organisation's time zone.</param>
/// <param name="Until">Last day.</param>
public sealed record AuditFilter(
    string? Text = null, string? Actor = null, string? Action = null, string? About = null, DateOnly? From = null, DateOnly? Until = null);

/// <param name="Index">Its number in the log, from 0; null while it waits for it.</param>
public sealed record AuditRow(long? Index, TimelineEntry Entry, string? UseCaseKey);

/// <param name="Entries">How many entries have a number.</param>
/// <param name="SignedSize">How many of them the newest checkpoint covers.</param>
public sealed record LogFigures(long Entries, DateTimeOffset? FirstAt, long? SignedSize, DateTimeOffset? SignedAt);

/// <summary>The whole audit log, for whoever may read it: searched, newest first.</summary>
public sealed class AuditExplorer(IDbContextFactory<GovernanceDb> databases, OpenEntries open, Organisation organisation)
{
    /// <summary>What can have happened: the names of events, as they are stored.</summary>
    public static IReadOnlyList<string> Actions { get; } =
    [
        .. typeof(GovernanceEvent).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(GovernanceEvent)) && !t.IsAbstract).Select(t => t.Name).Order(StringComparer.Ordinal),
    ];

    public async Task<Page<AuditRow>> SearchAsync(AuditFilter filter, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAudit);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var events = db.AuditEvents.AsNoTracking();
        if (!string.IsNullOrWhiteSpace(filter.Text))
        {
            var pattern = Search.Pattern(filter.Text);
            events = events.Where(e => db.People.Any(p => p.Id == e.ActorId && EF.Functions.ILike(p.Name, pattern, Search.Escape))
                || EF.Functions.ILike(e.ActorName, pattern, Search.Escape) || EF.Functions.ILike(e.SubjectKey, pattern, Search.Escape)
                || EF.Functions.ILike(e.Action, pattern, Search.Escape) || e.UseCaseKey != null && EF.Functions.ILike(e.UseCaseKey, pattern, Search.Escape));
        }

        events = filter.Actor is { } actor ? events.Where(e => e.ActorId == actor) : events;
        events = filter.Action is { } action ? events.Where(e => e.Action == action) : events;
        events = filter.About is { } about ? events.Where(e => e.UseCaseKey == about || e.SubjectKey == about) : events;
        if (filter.From is { } from)
        {
            var start = organisation.StartOf(from);
            events = events.Where(e => e.OccurredAt >= start);
        }

        if (filter.Until is { } until)
        {
            var end = organisation.StartOf(until.AddDays(1));
            events = events.Where(e => e.OccurredAt < end);
        }

        var found = await events.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId)
            .Select(e => new AuditRow(
                db.Set<AuditLeaf>().Where(l => l.EventId == e.EventId).Select(l => (long?)l.Index).SingleOrDefault(),
                new TimelineEntry(
                    e.EventId, e.SubjectType, e.SubjectKey, e.SubjectVersion, e.OccurredAt, e.RecordedAt, e.ActorId, e.ActorName, e.Action, e.ContentHash, e.Body)
                { Sealed = e.Sealed },
                e.UseCaseKey))
            .ToPageAsync(page, size, cancellation);
        var opened = await open.RunAsync(db, [.. found.Items.Select(r => r.Entry)], cancellation);
        return found with { Items = [.. found.Items.Zip(opened, (row, entry) => row with { Entry = entry })] };
    }

    public async Task<LogFigures> FiguresAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadAudit);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Database.SqlQuery<LogFigures>(
            $"""
            select (select coalesce(max(index) + 1, 0) from audit.leaf) as "Entries", (select min(occurred_at) from audit.event) as "FirstAt",
              (select size from audit.checkpoint order by id desc limit 1) as "SignedSize", (select at from audit.checkpoint order by id desc limit 1) as "SignedAt"
            """).SingleAsync(cancellation);
    }
}
