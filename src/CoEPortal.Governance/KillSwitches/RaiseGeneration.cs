using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>What both ways of noticing a restored database do: lock the generation, and raise it with an event that says why.</summary>
internal static class RaiseGeneration
{
    /// <summary>Nobody has seen so much more than any one node or log remembers.</summary>
    public const long Leap = 1_000_000;

    public static readonly Actor Rule = Actor.Rule("restored-database");

    private const string Subject = "enforcement";

    /// <summary>What <see cref="Subject"/> told so far.</summary>
    public static IQueryable<AuditEvent> Told(GovernanceDb db) => db.AuditEvents.Where(e => e.SubjectType == Subject);

    /// <returns>The generation now; locked, so that of two nodes that notice at once the second finds what the first did.</returns>
    public static async Task<long> LockAsync(GovernanceDb db, CancellationToken cancellation) =>
        (await db.Database.SqlQuery<long>($"select value as \"Value\" from enforcement_generation for update").ToListAsync(cancellation))[0];

    /// <summary>In the caller's transaction, which holds the lock. Gateways that are told rather than ask are told too.</summary>
    public static async Task SaveAsync(GovernanceDb db, long generation, GovernanceEvent why, CancellationToken cancellation)
    {
        await db.Database.ExecuteSqlAsync(
            $"with raised as (update enforcement_generation set value = {generation}) select pg_notify('enforcement_changed', {generation}::text)", cancellation);
        await QueuePush.ForSwitchAsync(db, SwitchScope.All, KillSwitch.Everything, generation, why.At, cancellation);
        var number = await Told(db).CountAsync(cancellation) + 1;
        db.AuditEvents.Add(AuditEvent.Of(new RecordedEvent(EventIds.Next(why.At), number, why), (Subject, "generation")));
        await db.SaveChangesAsync(cancellation);
    }
}
