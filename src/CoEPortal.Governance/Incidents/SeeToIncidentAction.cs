using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>Actions of a post-mortem: opened with an owner and a day, done by the owner, verified by another person.</summary>
public sealed class SeeToIncidentAction(IDbContextFactory<GovernanceDb> databases, IncidentNotices notices, Organisation organisation, TimeProvider clock)
{
    public async Task<Incident> OpenAsync(string key, string text, PersonId owner, DateOnly dueOn, Actor by, int? version = null, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, Permission.HandleIncidents, version, cancellation);
        var person = await IncidentScope.PersonAsync(db, owner, cancellation);
        Refuse.If(!AccessPolicy.Allows(person, Permission.TakePart), "person-cannot", $"{person.Name} changes nothing in the portal. Choose another owner.");
        var now = clock.GetUtcNow();
        var action = incident.OpenAction(text, person, dueOn, organisation.DayOf(now), by, now);
        await notices.ActionAsync(db, incident, action, "incident-action", "is yours", now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }

    /// <summary>The owner says done; everything else is for those who handle the incident, and verifying for another person.</summary>
    public async Task<Incident> MoveAsync(string key, int number, ActionState to, string note, Actor by, int? version = null, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var isOwner = await db.Incidents.AnyAsync(i => i.Key == key && i.Actions.Any(a => a.Number == number && a.OwnerId == by.Id.Value), cancellation);
        var incident = await IncidentScope.LockedAsync(db, key, by, isOwner && to is ActionState.Done ? Permission.ReadIncidents : Permission.HandleIncidents, version, cancellation, isOwner);
        var now = clock.GetUtcNow();
        var action = incident.MoveAction(number, to, note, by, now);
        if (to is ActionState.Open)
        {
            await notices.ActionAsync(db, incident, action, "incident-action", "came back to you", now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return incident;
    }
}
