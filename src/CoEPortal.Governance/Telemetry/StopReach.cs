using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>Who is affected by a stop. Null is not known: nobody reports through which gateway a call came.</summary>
public sealed record Reach(long? CallsOfLastDay, int UseCases);

/// <summary>What somebody should know before they stop something: how much traffic it has, and what else can be stopped.</summary>
public sealed class StopReach(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostNames = 100;

    public async Task<Reach> OfAsync(SwitchScope scope, string target, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.EngageSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var since = clock.GetUtcNow().AddDays(-1);
        switch (scope)
        {
            case SwitchScope.UseCase:
                await db.DemandReadableAsync(target, reader, cancellation);
                return new Reach(await CallsAsync($"select sum(calls)::bigint as \"Value\" from telemetry.usage_minute where minute >= {since} and use_case_key = {target}"), 1);
            case SwitchScope.Model:
                return new Reach(
                    await CallsAsync($"select sum(calls)::bigint as \"Value\" from telemetry.usage_minute where minute >= {since} and model = {target}"),
                    await db.Database.SqlQuery<int>(
                        $"select count(distinct use_case_key)::int as \"Value\" from telemetry.usage_minute where minute >= {since} and model = {target} and use_case_key <> ''")
                        .SingleAsync(cancellation));
            case SwitchScope.Gateway:
                return new Reach(null, await db.CredentialBindings.Where(b => b.Gateway == target && b.RemovedAt == null)
                    .Select(b => b.UseCaseKey).Distinct().CountAsync(cancellation));
            default:
                return new Reach(
                    await CallsAsync($"select sum(calls)::bigint as \"Value\" from telemetry.usage_minute where minute >= {since}"),
                    await db.UseCases.CountAsync(u => u.Stage == Intake.Stage.InService, cancellation));
        }

        async Task<long> CallsAsync(FormattableString sum) => await db.Database.SqlQuery<long?>(sum).SingleAsync(cancellation) ?? 0;
    }

    /// <summary>Names that a stop can be aimed at: models called in the last 30 days, gateways that hold a token.</summary>
    public async Task<(IReadOnlyList<string> Models, IReadOnlyList<string> Gateways)> NamesAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.EngageSwitches);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        var models = await db.Database.SqlQuery<string>(
            $"select distinct model as \"Value\" from telemetry.usage_minute where minute >= {now.AddDays(-30)} order by 1 limit {MostNames}").ToListAsync(cancellation);
        var gateways = await db.MachineTokens.AsNoTracking()
            .Where(t => t.RevokedAt == null && t.ExpiresAt > now && t.Scopes.Contains(MachineToken.EnforcementRead))
            .Select(t => t.Name).Distinct().OrderBy(n => n).Take(MostNames).ToListAsync(cancellation);
        return (models, gateways);
    }
}
