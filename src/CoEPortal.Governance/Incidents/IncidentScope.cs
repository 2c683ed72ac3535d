using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Which incidents somebody may know of, and the one that is being changed.</summary>
internal static class IncidentScope
{
    /// <summary>All; or those of the own business unit, those one reported, has a role in or sees to an action of.</summary>
    public static IQueryable<Incident> Visible(GovernanceDb db, Actor reader)
    {
        AccessPolicy.Demand(reader, Permission.ReadIncidents);
        var (me, unit) = (reader.Id.Value, reader.BusinessUnit);
        var all = db.Incidents.AsNoTracking();
        return !AccessPolicy.OnlyOwnUnit(reader, Permission.ReadIncidents) ? all : all.Where(i =>
            i.ReportedBy == me || i.Roles.Any(r => r.PersonId == me) || i.Actions.Any(a => a.OwnerId == me)
            || db.UseCases.Any(u => i.UseCaseKeys.Contains(u.Key) && (unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me))));
    }

    /// <summary>The incident with all but its timeline, if this person may do that to it; nobody else changes it until the transaction ends.</summary>
    /// <param name="version">What they saw: a change in between is refused. Null does not ask.</param>
    /// <param name="isOwner">Of the action that is reported on.</param>
    /// <exception cref="NotFoundException">There is none, or it is not for them to know.</exception>
    public static async Task<Incident> LockedAsync(GovernanceDb db, string key, Actor by, Permission permission, int? version, CancellationToken cancellation, bool isOwner = false)
    {
        if (!by.IsRule && !await Visible(db, by).AnyAsync(i => i.Key == key, cancellation))
        {
            throw new NotFoundException("incident", key);
        }

        await db.Database.ExecuteSqlAsync($"select from incident where key = {key} for update", cancellation);
        var incident = await WithParts(db.Incidents).SingleOrDefaultAsync(i => i.Key == key, cancellation) ?? throw new NotFoundException("incident", key);
        // Who sees to an action reports on it, whatever unit the incident belongs to.
        if (!by.IsRule && !(isOwner && permission is Permission.ReadIncidents))
        {
            AccessPolicy.Demand(by, permission, await SubjectAsync(db, incident, by, cancellation));
        }

        Refuse.If(version is { } seen && seen != incident.Version, "changed-meanwhile", "Somebody else changed this incident while you were writing. Nothing of theirs was overwritten and yours is still here: look at what is new, then save again.");
        return incident;
    }

    public static IQueryable<Incident> WithParts(IQueryable<Incident> incidents) => incidents
        .Include(i => i.Roles).Include(i => i.Switches).Include(i => i.Clocks).Include(i => i.Actions).Include(i => i.Messages).Include(i => i.Locks).Include(i => i.Steps).AsSplitQuery();

    /// <summary>As the policy sees it: of the actor's own unit when one of its use cases is.</summary>
    public static async Task<Subject> SubjectAsync(GovernanceDb db, Incident incident, Actor actor, CancellationToken cancellation)
    {
        var useCases = await db.UseCases.AsNoTracking().Where(u => incident.UseCaseKeys.Contains(u.Key)).Select(u => new { u.BusinessUnit, u.Editors }).ToListAsync(cancellation);
        return new Subject(
            useCases.Exists(u => u.BusinessUnit == actor.BusinessUnit) ? actor.BusinessUnit : "",
            [.. useCases.SelectMany(u => u.Editors).Concat(incident.Roles.Select(r => r.PersonId)).Distinct().Select(p => new PersonId(p))]);
    }

    public static async Task<IReadOnlyList<ConcernedUseCase>> UseCasesAsync(GovernanceDb db, Incident incident, CancellationToken cancellation)
    {
        var found = await db.UseCases.AsNoTracking().Where(u => incident.UseCaseKeys.Contains(u.Key))
            .Select(u => new ConcernedUseCase(u.Key, u.Title, u.BusinessUnit, u.RiskClass)).ToListAsync(cancellation);
        return [.. found.OrderBy(u => incident.UseCaseKeys.IndexOf(u.Key))];
    }

    /// <summary>Whoever names a use case may know of it: otherwise it would tell them that it exists.</summary>
    public static async Task DemandKnownAsync(GovernanceDb db, IEnumerable<string> useCases, Actor by, CancellationToken cancellation)
    {
        foreach (var key in useCases)
        {
            await db.DemandReadableAsync(key, by, cancellation);
        }
    }

    public static async Task<Actor> PersonAsync(GovernanceDb db, PersonId id, CancellationToken cancellation) =>
        (await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id.Value && p.IsActive, cancellation))?.Actor
        ?? throw new RuleViolationException("no-such-person", "This person is not here, or no longer. Choose another.");

    public static async Task<List<Actor>> HoldersAsync(GovernanceDb db, IReadOnlyCollection<Role> roles, CancellationToken cancellation) =>
        [.. (await db.People.AsNoTracking().Holding(roles).ToListAsync(cancellation)).Select(p => p.Actor)];
}
