using System.Globalization;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// Notes, in the transaction of a change, which gateways have to be told of it. The note says only from which generation on:
/// what is pushed is always the newest state, so notes that are delivered late or twice do no harm.
/// </summary>
internal static class QueuePush
{
    public static async Task ForSwitchAsync(GovernanceDb db, SwitchScope scope, string target, long generation, DateTimeOffset now, CancellationToken cancellation)
    {
        var told = db.Actuators.Where(a => a.IsConfigured);
        told = scope switch
        {
            SwitchScope.All => told,
            SwitchScope.UseCase => told.Where(a => db.CredentialBindings.Any(b => b.Gateway == a.Gateway && b.UseCaseKey == target)),
            SwitchScope.Gateway => told,
            // A gateway that cannot refuse a model knows only credentials, and those stand for whatever models their holders ask for.
            _ => told.Where(a => a.CarriesModels),
        };
        // Names of gateways are the same in any case, as in a verdict.
        var names = (await told.Select(a => new { a.Name, a.Gateway }).ToListAsync(cancellation))
            .Where(a => scope is not SwitchScope.Gateway || string.Equals(a.Gateway, target, StringComparison.OrdinalIgnoreCase));
        Add(db, names.Select(a => a.Name), generation, now);
    }

    public static async Task ForGatewayAsync(GovernanceDb db, string gateway, long generation, DateTimeOffset now, CancellationToken cancellation) =>
        Add(db, await db.Actuators.Where(a => a.IsConfigured && a.Gateway == gateway).Select(a => a.Name).ToListAsync(cancellation), generation, now);

    public static long GenerationOf(OutboxMessage message) => long.Parse(message.Body, CultureInfo.InvariantCulture);

    private static void Add(GovernanceDb db, IEnumerable<string> actuators, long generation, DateTimeOffset now) =>
        db.OutboxMessages.AddRange(actuators.Select(name => OutboxMessage.To(
            Carrier.ToGateway(name), $"Generation {generation}", generation.ToString(CultureInfo.InvariantCulture), $"actuator/{name}/{generation}", now)));
}
