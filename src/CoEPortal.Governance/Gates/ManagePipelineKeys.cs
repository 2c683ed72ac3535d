using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>Adds and revokes the keys with which pipelines sign.</summary>
public sealed class ManagePipelineKeys(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <summary>That speak for one use case, or for all; each is tried on each signature.</summary>
    public const int MostInForce = 10;

    /// <param name="name">As people call it.</param>
    /// <param name="pem">The public half.</param>
    /// <param name="useCaseKey">Null for all.</param>
    /// <param name="goodUntil">What it signs later is refused.</param>
    /// <param name="by">Who adds it.</param>
    /// <param name="cancellation"></param>
    public async Task<PipelineKey> AddAsync(string name, string pem, string? useCaseKey, DateTimeOffset goodUntil, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTokens);
        var now = clock.GetUtcNow();
        var key = PipelineKey.Add(name, pem, useCaseKey, goodUntil, by, now);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (useCaseKey is not null && !await db.UseCases.AnyAsync(u => u.Key == useCaseKey, cancellation))
        {
            throw new NotFoundException("use case", useCaseKey);
        }

        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"pipeline-key/" + useCaseKey}, 0))", cancellation);
        var others = db.PipelineKeys.Where(k => k.UseCaseKey == useCaseKey);
        Refuse.If(await others.AnyAsync(k => k.Fingerprint == key.Fingerprint, cancellation), "key-known", "This key has been added before. One that was revoked does not come back: make a new pair.");
        Refuse.If(await others.CountAsync(k => k.RevokedAt == null && k.GoodUntil > now, cancellation) >= MostInForce, "too-many-keys", $"There are {MostInForce} keys in force already. Revoke one that is not used any more.");
        db.PipelineKeys.Add(key);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return key;
    }

    /// <param name="id">Which.</param>
    /// <param name="reason">Goes into the log.</param>
    /// <param name="distrustedFrom">What it signed since then counts no more, e.g. since it was lost; null for now.</param>
    /// <param name="by">Who revokes it.</param>
    /// <param name="cancellation"></param>
    public async Task<PipelineKey> RevokeAsync(Guid id, string reason, DateTimeOffset? distrustedFrom, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTokens);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var key = await db.PipelineKeys.SingleOrDefaultAsync(k => k.Id == id, cancellation) ?? throw new NotFoundException("signing key", id.ToString());
        key.Revoke(reason, distrustedFrom, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return key;
    }
}

internal static class PipelineKeyQueries
{
    private const int MostEver = 200;

    /// <summary>All that were ever added for a use case, its own and those for all, newest first.</summary>
    public static IQueryable<PipelineKey> SpeakingFor(this IQueryable<PipelineKey> keys, string useCaseKey) =>
        keys.Where(k => k.UseCaseKey == null || k.UseCaseKey == useCaseKey).OrderByDescending(k => k.AddedAt).ThenBy(k => k.Id).Take(MostEver);
}
