using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Sharing;

/// <summary>Makes links to frozen revisions, lists and revokes them.</summary>
public sealed class ShareRevision(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostOpen = 50;

    public async Task<(ShareLink Link, string Token)> RunAsync(string useCaseKey, int revision, string label, int days, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        var now = clock.GetUtcNow();
        var made = ShareLink.Make(useCase, revision, label, days, by, now);
        Refuse.If(await db.ShareLinks.CountAsync(l => l.UseCaseKey == useCaseKey && l.RevokedAt == null && l.ExpiresAt > now, cancellation) >= MostOpen,
            "too-many-links", $"{useCaseKey} has {MostOpen} links that are open. Revoke those that nobody needs.");
        db.ShareLinks.Add(made.Link);
        await db.SaveChangesAsync(cancellation);
        return made;
    }

    public async Task<ShareLink> RevokeAsync(string useCaseKey, Guid id, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        AccessPolicy.Demand(by, Permission.ShareUseCases, await db.DemandReadableAsync(useCaseKey, by, cancellation));
        var link = await db.ShareLinks.SingleOrDefaultAsync(l => l.Id == id && l.UseCaseKey == useCaseKey, cancellation) ?? throw new NotFoundException("link", id.ToString());
        link.Revoke(by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return link;
    }

    /// <returns>The newest first.</returns>
    public async Task<IReadOnlyList<ShareLink>> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.ShareLinks.AsNoTracking().Where(l => l.UseCaseKey == useCaseKey).OrderByDescending(l => l.CreatedAt).Take(200).ToListAsync(cancellation);
    }
}
