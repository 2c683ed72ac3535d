using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>One incident, with what this person may do to it.</summary>
/// <param name="UseCases">Those that the incident names and the reader may know of.</param>
/// <param name="Switches">As they are now, those that belong to the incident.</param>
public sealed record IncidentSheet(
    Incident Incident, IReadOnlyList<ConcernedUseCase> UseCases, Page<IncidentEntry> Timeline, IReadOnlyList<KillSwitch> Switches, bool MayHandle, bool MayApproveMessages, bool MayStop,
    bool MayLiftLocks);

/// <summary>One incident as a page or a program shows it.</summary>
public sealed class IncidentSheets(IDbContextFactory<GovernanceDb> databases, Organisation organisation)
{
    private const int MostPeople = 500;

    /// <param name="page">Of the timeline, newest first.</param>
    public async Task<IncidentSheet> OfAsync(string key, Actor reader, int page = 1, int size = 30, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var incident = await IncidentScope.WithParts(IncidentScope.Visible(db, reader)).SingleOrDefaultAsync(i => i.Key == key, cancellation) ?? throw new NotFoundException("incident", key);
        var subject = await IncidentScope.SubjectAsync(db, incident, reader, cancellation);
        var timeline = await db.Set<IncidentEntry>().AsNoTracking().Where(e => e.IncidentId == incident.Id).OrderByDescending(e => e.Number).ToPageAsync(page, size, cancellation);
        var ids = incident.Switches.Select(s => s.SwitchId).Distinct().ToList();
        var switches = await db.KillSwitches.AsNoTracking().Where(s => ids.Contains(s.Id)).ToListAsync(cancellation);
        return new IncidentSheet(
            incident, await IncidentScope.UseCasesAsync(db, incident, cancellation), timeline, switches, AccessPolicy.Allows(reader, Permission.HandleIncidents, subject),
            AccessPolicy.Allows(reader, Permission.ApproveIncidentMessages, subject), AccessPolicy.Allows(reader, Permission.EngageSwitches, subject), AccessPolicy.Allows(reader, Permission.HoldRecords));
    }

    /// <summary>The file that is kept as evidence of one line.</summary>
    /// <exception cref="NotFoundException">There is no such incident for this reader, or the line has no file.</exception>
    public async Task<(IncidentEntry Entry, byte[] Content)> FileAsync(string key, int number, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var incident = await IncidentScope.Visible(db, reader).Where(i => i.Key == key).Select(i => (Guid?)i.Id).SingleOrDefaultAsync(cancellation) ?? throw new NotFoundException("incident", key);
        var entry = await db.Set<IncidentEntry>().AsNoTracking().SingleOrDefaultAsync(e => e.IncidentId == incident && e.Number == number && e.FileType != null, cancellation)
            ?? throw new NotFoundException("file", $"{key}/{number}");
        return (entry, await db.IncidentFiles.AsNoTracking().Where(f => f.EntryId == entry.Id).Select(f => f.Content).SingleAsync(cancellation));
    }

    /// <summary>The notification that a clock asks for, filled from the record as it is now.</summary>
    public async Task<string> DraftAsync(string key, Guid clockId, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var incident = await IncidentScope.WithParts(IncidentScope.Visible(db, reader)).SingleOrDefaultAsync(i => i.Key == key, cancellation) ?? throw new NotFoundException("incident", key);
        AccessPolicy.Demand(reader, Permission.ReadIncidents);
        var clock = incident.Clocks.FirstOrDefault(c => c.Id == clockId) ?? throw new NotFoundException("clock", clockId.ToString());
        var rule = await PublishClockRules.RuleOfAsync(db, clock, cancellation) ?? throw new NotFoundException("clock rule", clock.RuleId);
        var measures = await db.Set<IncidentEntry>().AsNoTracking()
            .Where(e => e.IncidentId == incident.Id && (e.Kind == EntryKind.Mitigation || e.Kind == EntryKind.SwitchEngaged)).OrderBy(e => e.Number).Take(20).ToListAsync(cancellation);
        return NotificationDraft.Of(rule.Draft, incident, clock, await IncidentScope.UseCasesAsync(db, incident, cancellation), measures, organisation);
    }

    /// <summary>Who can take a role in it.</summary>
    public async Task<IReadOnlyList<Actor>> HandlersAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var incident = await IncidentScope.Visible(db, reader).Include(i => i.Roles).SingleOrDefaultAsync(i => i.Key == key, cancellation) ?? throw new NotFoundException("incident", key);
        var roles = AccessPolicy.Table.Where(r => r.Permission == Permission.HandleIncidents).Select(r => r.Role).ToList();
        var units = (await IncidentScope.UseCasesAsync(db, incident, cancellation)).Select(u => u.BusinessUnit).ToHashSet();
        return [.. (await IncidentScope.HoldersAsync(db, roles, cancellation)).Where(p => AccessPolicy.Allows(p, Permission.HandleIncidents, new Subject(units.Contains(p.BusinessUnit) ? p.BusinessUnit : "", []))).OrderBy(p => p.Name, StringComparer.Ordinal)];
    }

    /// <summary>Who can see to an action.</summary>
    public async Task<IReadOnlyList<Actor>> OwnersAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.HandleIncidents);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var people = await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Take(MostPeople).ToListAsync(cancellation);
        return [.. people.Select(p => p.Actor).Where(a => AccessPolicy.Allows(a, Permission.TakePart))];
    }
}
