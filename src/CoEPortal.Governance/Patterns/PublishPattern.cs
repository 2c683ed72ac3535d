using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Patterns;

/// <summary>Takes a pattern into force as a numbered version, by somebody who did not write it; or takes it back for good.</summary>
public sealed class PublishPattern(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    /// <param name="contentHash">As the person was shown it.</param>
    /// <param name="expiresOn">The last day on which it holds; null for as long as is allowed.</param>
    public Task<Pattern> RunAsync(string key, string contentHash, DateOnly? expiresOn, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(PublishPattern), key, by, clock, async () =>
        {
            AccessPolicy.Demand(by, Permission.ManagePatterns);
            await using var db = await databases.CreateDbContextAsync(cancellation);
            var pattern = await db.Patterns.Include(p => p.Versions).SingleOrDefaultAsync(p => p.Key == key, cancellation) ?? throw new NotFoundException("pattern", key);
            var now = clock.GetUtcNow();
            var today = organisation.DayOf(now);
            var until = expiresOn ?? today.AddDays(Pattern.LongestDays);
            pattern.Publish(contentHash, until, today, organisation.StartOf(until.AddDays(1)), by, now);
            await db.SaveChangesAsync(cancellation);
            return pattern;
        });

    public async Task<Pattern> WithdrawAsync(string key, string reason, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManagePatterns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var pattern = await db.Patterns.SingleOrDefaultAsync(p => p.Key == key, cancellation) ?? throw new NotFoundException("pattern", key);
        pattern.Withdraw(reason, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return pattern;
    }
}
