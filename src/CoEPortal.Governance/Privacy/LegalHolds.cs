using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <param name="About">The name of the person, or the key of the use case.</param>
public sealed record HoldRow(LegalHold Hold, string About, string SetBy, string? LiftedBy);

/// <summary>Legal holds, standing ones first.</summary>
public sealed class LegalHolds(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<HoldRow>> PageAsync(Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadErasures);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var found = await db.LegalHolds.AsNoTracking().OrderByDescending(h => h.LiftedAt == null).ThenByDescending(h => h.SetAt).ThenByDescending(h => h.Id)
            .ToPageAsync(page, size, cancellation);
        var names = await PersonNames.OfAsync(db, found.Items.SelectMany(h => new[] { h.Kind is HoldKind.Person ? h.Target : null, h.SetBy, h.LiftedBy }), cancellation);
        return new(
            [.. found.Items.Select(h => new HoldRow(h, h.Kind is HoldKind.Person ? names[h.Target] : h.Target, names[h.SetBy], h.LiftedBy is { } lifter ? names[lifter] : null))],
            found.Total, found.Number, found.Size);
    }
}
