using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Calls that belong to no use case and look alike. The credential is the beginning of a key's hash, a team or a route;
/// <paramref name="ClaimedUseCase"/> is what one of them called itself, if any did.
/// </summary>
public sealed record OrphanGroup(
    string Source, string Service, string Credential, string Model, DateTimeOffset FirstSeen, DateTimeOffset LastSeen,
    long Calls, long UnmeteredCalls, long UnpricedCalls, decimal Cost, string? ClaimedUseCase);

/// <summary>Traffic that nobody answers for, the dearest first. For those who may know of every use case.</summary>
public sealed class OrphanTraffic(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Within = TimeSpan.FromDays(30);

    public async Task<Page<OrphanGroup>> PageAsync(Actor reader, int page = 1, int size = 25, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        Refuse.If(AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases), "not-permitted", "Traffic of no use case belongs to no unit either: it is shown to those who may see every use case.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Groups(db).OrderByDescending(o => o.Cost).ThenByDescending(o => o.Calls)
            .ThenBy(o => o.Source).ThenBy(o => o.Service).ThenBy(o => o.Credential).ThenBy(o => o.Model)
            .ToPageAsync(page, size, cancellation);
    }

    /// <summary>How many groups there are, for a figure in the navigation.</summary>
    public async Task<int> CountAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        if (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases))
        {
            return 0;
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await Groups(db).CountAsync(cancellation);
    }

    private IQueryable<OrphanGroup> Groups(GovernanceDb db)
    {
        var since = clock.GetUtcNow() - Within;
        return db.Database.SqlQuery<OrphanGroup>(
            $"""
            select source "Source", service "Service", credential "Credential", model "Model", min(started_at) "FirstSeen", max(started_at) "LastSeen", count(*) "Calls",
              count(*) filter (where input_tokens is null and output_tokens is null) "UnmeteredCalls",
              count(*) filter (where cost is null) "UnpricedCalls", coalesce(sum(cost), 0) "Cost", max(claimed_use_case) "ClaimedUseCase"
            from telemetry.call where use_case_key is null and merged_into is null and started_at >= {since}
            group by source, service, credential, model
            """);
    }
}
