using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <param name="Person">Their name, or that they are erased.</param>
/// <param name="Rows">What was changed or deleted, for one that was carried out.</param>
public sealed record ErasureRow(Erasure Erasure, string Person, string AskedBy, string? ClosedBy, IReadOnlyDictionary<string, long> Rows);

/// <summary>What stands against an erasure, and who could carry it out.</summary>
/// <param name="Reports">Audit PDFs that may name the person, newest first.</param>
public sealed record ErasureOutlook(IReadOnlyList<Obstacle> Obstacles, IReadOnlyList<Actor> Carriers, IReadOnlyList<NamingReport> Reports);

/// <summary>An audit PDF that was printed while the person was still named.</summary>
public sealed record NamingReport(Guid Id, string Subject, DateTimeOffset PrintedAt);

/// <summary>The requests to erase people, open ones first, then the history.</summary>
public sealed class ErasureRequests(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostCarriers = 20;
    private const int MostReports = 100;

    public async Task<Page<ErasureRow>> PageAsync(Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadErasures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = await db.Erasures.AsNoTracking().OrderByDescending(e => e.State == ErasureState.Asked).ThenByDescending(e => e.AskedAt).ThenByDescending(e => e.Id)
            .ToPageAsync(page, size, cancellation);
        return new(await NamedAsync(db, found.Items, cancellation), found.Total, found.Number, found.Size);
    }

    public async Task<ErasureRow> OneAsync(Guid id, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadErasures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = await db.Erasures.AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancellation) ?? throw new NotFoundException("erasure", id.ToString());
        return (await NamedAsync(db, [found], cancellation))[0];
    }

    /// <summary>For a person, whether somebody has asked yet or not.</summary>
    public async Task<ErasureOutlook> OutlookAsync(PersonId person, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadErasures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var asker = await db.Erasures.Where(e => e.PersonId == person.Value && e.State == ErasureState.Asked).Select(e => e.AskedBy).SingleOrDefaultAsync(cancellation);
        var roles = AccessPolicy.Table.Where(row => row.Permission is Permission.ErasePeople).Select(row => row.Role).ToList();
        var carriers = await db.People.AsNoTracking()
            .Where(p => p.IsActive && p.Id != person.Value && p.Id != asker && p.Roles.Any(r => roles.Contains(r))).OrderBy(p => p.Name).Take(MostCarriers).ToListAsync(cancellation);
        var reports = await db.Database.SqlQuery<NamingReport>(
            $"""
            select id as "Id", subject_kind || ' ' || subject_key as "Subject", finished_at as "PrintedAt"
            from audit_pack_job where id in (select reports_naming({person.Value})) order by finished_at desc limit {MostReports}
            """).ToListAsync(cancellation);
        return new(await Obstacle.OfAsync(db, person.Value, organisation.DayOf(clock.GetUtcNow()), cancellation), [.. carriers.Select(c => c.Actor)], reports);
    }

    private static async Task<List<ErasureRow>> NamedAsync(GovernanceDb db, IReadOnlyList<Erasure> erasures, CancellationToken cancellation)
    {
        var names = await PersonNames.OfAsync(db, erasures.SelectMany(e => new[] { e.PersonId, e.AskedBy, e.ClosedBy }), cancellation);
        return [.. erasures.Select(e => new ErasureRow(
            e, names[e.PersonId], names[e.AskedBy], e.ClosedBy is { } closer ? names[closer] : null,
            e.Rows is { } rows ? JsonSerializer.Deserialize<Dictionary<string, long>>(rows)! : []))];
    }
}
