using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>How a gateway that is told what to refuse stands, as somebody who has to act reads it.</summary>
public enum PushReading { Pending, Effective, Differs, Unreachable }

/// <param name="Actuator">What is recorded of it.</param>
/// <param name="Reading">Pending while a change waits to be told and nothing worse is known.</param>
/// <param name="Waiting">Changes that it was not told of, or did not confirm.</param>
/// <param name="Since">Since when it reads so.</param>
public sealed record ActuatorRow(Actuator Actuator, PushReading Reading, int Waiting, DateTimeOffset Since);

/// <summary>The gateways that are told what to refuse.</summary>
public sealed class ActuatorList(IDbContextFactory<GovernanceDb> databases)
{
    /// <summary>They stand in the settings of a process, so there are never many.</summary>
    private const int Most = 200;

    public async Task<IReadOnlyList<ActuatorRow>> ForAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var actuators = await db.Actuators.AsNoTracking().Where(a => a.IsConfigured).OrderBy(a => a.Name).Take(Most).ToListAsync(cancellation);
        var waiting = actuators.Count == 0 ? [] : await db.OutboxMessages.AsNoTracking()
            .Where(m => m.Channel == "actuator" && m.SentAt == null && m.GivenUpAt == null)
            .GroupBy(m => m.Recipient).Select(g => new { Name = g.Key, Count = g.Count(), Since = g.Min(m => m.CreatedAt) })
            .ToDictionaryAsync(w => w.Name, cancellation);
        return [.. actuators.Select(a => RowOf(a, waiting.GetValueOrDefault(a.Name)?.Count ?? 0, waiting.GetValueOrDefault(a.Name)?.Since))];
    }

    private static ActuatorRow RowOf(Actuator actuator, int waiting, DateTimeOffset? waitingSince) => actuator.Standing switch
    {
        ActuatorStanding.Unreachable => new(actuator, PushReading.Unreachable, waiting, actuator.Since),
        ActuatorStanding.Differs => new(actuator, PushReading.Differs, waiting, actuator.Since),
        ActuatorStanding.Unread => new(actuator, PushReading.Pending, waiting, actuator.Since),
        _ => waitingSince is { } since ? new(actuator, PushReading.Pending, waiting, since) : new(actuator, PushReading.Effective, 0, actuator.Since),
    };
}
