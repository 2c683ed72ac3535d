using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>One gateway of the settings, as far as the record needs it: addresses and credentials stay with whoever calls it.</summary>
/// <param name="Models">Whether it can be told to refuse a model.</param>
public sealed record ActuatorSetting(string Name, ActuatorKind Kind, string Gateway, bool Models = false);

/// <summary>Makes the record say what the settings say, so that every node knows whom a switch has to reach.</summary>
public sealed class RegisterActuators(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const long LockKey = 0x434F4541435452; // "COEACTR"

    private static readonly Actor Settings = Actor.Rule("settings");

    public async Task RunAsync(IReadOnlyCollection<ActuatorSetting> settings, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Workers start at once and read the same settings.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockKey})", cancellation);
        var known = await db.Actuators.ToDictionaryAsync(a => a.Name, cancellation);
        var now = clock.GetUtcNow();
        foreach (var setting in settings)
        {
            if (known.TryGetValue(setting.Name, out var actuator))
            {
                actuator.Configure(setting, Settings, now);
            }
            else
            {
                db.Actuators.Add(Actuator.Configured(setting, Settings, now));
            }
        }

        foreach (var gone in known.Values.Where(a => a.IsConfigured && settings.All(s => s.Name != a.Name)))
        {
            gone.Remove(Settings, now);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
