using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// Makes a gateway refuse what every other enforcer refuses, and reads back whether it does. The same for a change, which
/// the outbox brings, and for the sweep that finds what a restart or a hand at the gateway changed.
/// </summary>
/// <remarks>
/// One worker at a time tells a gateway (an advisory lock), always the newest state, and asks before each order whether it
/// still is the newest. A worker that lost the lock with its connection can ask no more, so it orders nothing either:
/// <code>
/// A reads generation 42 (stopped)       B reads 43 (released)
/// A loses its connection
///                                       B takes the lock, lifts the block
/// A would block: asks for the generation, has no connection, gives up
/// </code>
/// </remarks>
public sealed class PushToGateway(IDbContextFactory<GovernanceDb> databases, EnforcementSnapshots snapshots, TimeProvider clock, ILogger<PushToGateway> log)
{
    /// <summary>Credentials and models. More would not be read within the lease; teams or routes carry more use cases than keys.</summary>
    public const int MostCarried = 1000;

    private const int MostRounds = 5;

    private static readonly Actor Rule = Actor.Rule("push-actuator");

    /// <summary>Delivers one note of the outbox; throws until the gateway was read back as it should be.</summary>
    public async Task DeliverAsync(OutboxMessage message, IGatewayAdmin admin, CancellationToken cancellation)
    {
        await using (var db = await databases.CreateDbContextAsync(cancellation))
        {
            var needed = QueuePush.GenerationOf(message);
            if (await db.Actuators.AnyAsync(a => a.Name == message.Recipient && a.Generation >= needed && a.Standing == ActuatorStanding.Effective, cancellation))
            {
                return;
            }
        }

        var actuator = await RunAsync(message.Recipient, admin, cancellation)
            ?? throw new GatewayAdminException("Another worker is telling this gateway.");
        if (actuator.Standing is not ActuatorStanding.Effective || actuator.Generation < QueuePush.GenerationOf(message))
        {
            throw new GatewayAdminException(actuator.Detail is { Length: > 0 } why ? why : "The state changed while the gateway was told.");
        }
    }

    /// <returns>How it stands now; null when another worker is at it, or it is not configured any more.</returns>
    public async Task<Actuator?> RunAsync(string name, IGatewayAdmin admin, CancellationToken cancellation = default)
    {
        await using var turn = await databases.CreateDbContextAsync(cancellation);
        await turn.Database.OpenConnectionAsync(cancellation);
        var key = "actuator/" + name;
        if (!(await turn.Database.SqlQuery<bool>($"select pg_try_advisory_lock(hashtextextended({key}, 0)) as \"Value\"").ToListAsync(cancellation))[0])
        {
            return null;
        }

        try
        {
            return await PushAsync(name, admin, cancellation);
        }
        finally
        {
            await turn.Database.ExecuteSqlAsync($"select pg_advisory_unlock(hashtextextended({key}, 0))", CancellationToken.None);
        }
    }

    private async Task<Actuator?> PushAsync(string name, IGatewayAdmin admin, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var actuator = await db.Actuators.SingleOrDefaultAsync(a => a.Name == name && a.IsConfigured, cancellation);
        if (actuator is null)
        {
            return null;
        }

        try
        {
            var isDone = false;
            for (var round = 0; round < MostRounds && !isDone; round++)
            {
                isDone = await RoundAsync(db, actuator, admin, cancellation);
            }
        }
        catch (GatewayAdminException error)
        {
            if (actuator.Standing is not ActuatorStanding.Unreachable)
            {
                log.LogError("Gateway {Gateway} cannot be told what is stopped: {Why}", actuator.Gateway, error.Message);
            }

            actuator.Lose(error.Message, Rule, clock.GetUtcNow());
            await db.SaveChangesAsync(cancellation);
        }

        return actuator;
    }

    /// <returns>False when the state changed meanwhile, so that this has to begin anew.</returns>
    private async Task<bool> RoundAsync(GovernanceDb db, Actuator actuator, IGatewayAdmin admin, CancellationToken cancellation)
    {
        var snapshot = await snapshots.LoadAsync(cancellation);
        if (snapshot.Generation < actuator.Generation)
        {
            // A restored database: a decision node raises the generation, and until then nothing is told from the past.
            return true;
        }

        var (wanted, isCut) = await WantedAsync(db, actuator, snapshot, cancellation);
        var found = await admin.ReadAsync(wanted.Keys, cancellation);
        var placed = actuator.Ours;
        var toBlock = wanted.Where(w => w.Value && StateIn(found, w.Key) is TargetState.Open).Select(w => w.Key).ToList();
        var toLift = wanted.Where(w => !w.Value && StateIn(found, w.Key) is TargetState.Blocked && placed.Contains(w.Key)).Select(w => w.Key).ToList();
        var drift = toBlock.Where(actuator.Confirmed.Contains).Select(t => $"{t} was open").ToList();
        if (toBlock.Count > 0)
        {
            actuator.Intend(toBlock);
            await db.SaveChangesAsync(cancellation);
        }

        List<string> faults = isCut ? [$"More than {MostCarried} credentials and models: the rest is not told"] : [];
        foreach (var target in toBlock.Concat(toLift))
        {
            if (await snapshots.GenerationAsync(cancellation) != snapshot.Generation)
            {
                return false;
            }

            try
            {
                await (wanted[target] ? admin.BlockAsync(target, cancellation) : admin.UnblockAsync(target, cancellation));
            }
            catch (GatewayAdminException refused)
            {
                // One that it does not take must not keep the others open.
                faults.Add($"{target}: {refused.Message}");
            }
        }

        var wrote = toBlock.Count + toLift.Count > 0;
        found = wrote ? await admin.ReadAsync(wanted.Keys, cancellation) : found;
        placed = actuator.Ours;
        faults.AddRange(wanted.Where(w => w.Value && StateIn(found, w.Key) is TargetState.Open).Select(w => $"{w.Key} is open and should be blocked"));
        var closed = wanted.Where(w => !w.Value && StateIn(found, w.Key) is TargetState.Blocked).Select(w => w.Key).ToLookup(placed.Contains);
        faults.AddRange(closed[true].Select(t => $"{t} is still blocked"));
        if (drift.Count > 0)
        {
            log.LogWarning("Gateway {Gateway} had changed and was changed back: {Drift}", actuator.Gateway, string.Join("; ", drift));
        }

        var blocked = wanted.Keys.Count(t => StateIn(found, t) is TargetState.Blocked);
        actuator.Take(
            new GatewayReading(snapshot.Generation, wanted.Count, blocked, faults, [.. closed[false].Select(t => $"{t} was blocked there by somebody else and is left so")], drift, wrote),
            placed.Where(t => StateIn(found, t) is TargetState.Blocked), Rule, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return true;
    }

    /// <summary>
    /// Every credential that was ever bound on this gateway, every model that was ever stopped, and whether a request with it
    /// would be refused now. Softer modes and shares are a stop: a block can do nothing else. What is bound no more is unknown,
    /// and refused.
    /// </summary>
    private static async Task<(Dictionary<ActuatorTarget, bool> Wanted, bool IsCut)> WantedAsync(
        GovernanceDb db, Actuator actuator, EnforcementSnapshot snapshot, CancellationToken cancellation)
    {
        var kinds = actuator.Carries;
        var credentials = await db.CredentialBindings.AsNoTracking().Where(b => b.Gateway == actuator.Gateway && kinds.Contains(b.Kind))
            .Select(b => new { b.Kind, b.Value }).Distinct().OrderBy(b => b.Kind).ThenBy(b => b.Value).Take(MostCarried + 1).ToListAsync(cancellation);
        var wanted = credentials.Take(MostCarried).ToDictionary(c => new ActuatorTarget(c.Kind, c.Value), c => !Verdict.Of(snapshot, RequestOf(c.Kind, c.Value), TimeSpan.Zero).Allowed);
        if (actuator.CarriesWhole)
        {
            wanted[ActuatorTarget.Whole] = snapshot.Everything is not null || snapshot.Gateways.ContainsKey(actuator.Gateway);
        }

        var room = Math.Max(0, MostCarried - credentials.Count);
        var models = !actuator.CarriesModels ? [] : await db.KillSwitches.AsNoTracking().Where(s => s.Scope == SwitchScope.Model)
            .OrderBy(s => s.State == SwitchState.Released).ThenBy(s => s.Target).Select(s => s.Target).Take(room + 1).ToListAsync(cancellation);
        foreach (var model in models.Take(room))
        {
            wanted[ActuatorTarget.Model(model)] = snapshot.Models.ContainsKey(model);
        }

        return (wanted, credentials.Count > MostCarried || models.Count > room);

        VerdictRequest RequestOf(CredentialKind kind, string value) => new(
            null, kind is CredentialKind.KeyHash ? value : null, kind is CredentialKind.Route ? value : null, kind is CredentialKind.Team ? value : null,
            null, actuator.Gateway);
    }

    private static TargetState StateIn(IReadOnlyDictionary<ActuatorTarget, TargetState> found, ActuatorTarget target) =>
        found.TryGetValue(target, out var state) ? state : TargetState.Open;
}
