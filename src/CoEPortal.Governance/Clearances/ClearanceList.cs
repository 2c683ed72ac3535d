using CoEPortal.Governance.Access;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Clearances;

public enum ClearanceShow { Waiting, Sampled, Ended, All }

/// <summary>A cleared case with what it is called.</summary>
/// <param name="IsAuthor">The reader wrote on it, so its sample is for others.</param>
public sealed record ClearedCase(Clearance Clearance, string Title, string BusinessUnit, bool IsAuthor);

/// <summary>What was cleared by rule, as far as somebody may see it.</summary>
public sealed class ClearanceList(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<ClearedCase>> PageAsync(ClearanceShow show, string? pattern, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (me, unit, ownOnly) = (reader.Id.Value, reader.BusinessUnit, AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases));
        var all = db.Clearances.AsNoTracking();
        all = show switch
        {
            ClearanceShow.Waiting => all.Where(c => c.IsSampled && c.Outcome == null && c.EndedAt == null),
            ClearanceShow.Sampled => all.Where(c => c.IsSampled),
            ClearanceShow.Ended => all.Where(c => c.EndedAt != null),
            _ => all,
        };
        all = pattern is { Length: > 0 } ? all.Where(c => c.PatternKey == pattern) : all;
        var rows = from clearance in all
                   join useCase in db.UseCases.AsNoTracking() on clearance.UseCaseKey equals useCase.Key
                   where !ownOnly || unit != "" && useCase.BusinessUnit == unit || useCase.Editors.Contains(me)
                   orderby clearance.ClearedAt descending, clearance.Id
                   select new { Clearance = clearance, useCase.Title, useCase.BusinessUnit, IsAuthor = useCase.Editors.Contains(me) || useCase.FormerEditors.Contains(me) };
        var found = await rows.ToPageAsync(page, size, cancellation);
        return new([.. found.Items.Select(r => new ClearedCase(r.Clearance, r.Title, r.BusinessUnit, r.IsAuthor))], found.Total, found.Number, found.Size);
    }

    /// <summary>The newest clearance of a use case; null when people approved it, or nobody.</summary>
    public async Task<Clearance?> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.Clearances.AsNoTracking().Where(c => c.UseCaseKey == useCaseKey).OrderByDescending(c => c.Revision).FirstOrDefaultAsync(cancellation);
    }
}
