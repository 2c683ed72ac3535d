using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Privacy;

/// <summary>Names for ids, as they are now: what is recorded here keeps ids only. Somebody unknown is named by the id.</summary>
internal static class PersonNames
{
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(GovernanceDb db, IEnumerable<string?> ids, CancellationToken cancellation)
    {
        var wanted = ids.OfType<string>().Distinct().ToList();
        var known = await db.People.AsNoTracking().Where(p => wanted.Contains(p.Id)).Select(p => new { p.Id, p.Name }).ToDictionaryAsync(p => p.Id, p => p.Name, cancellation);
        return wanted.ToDictionary(id => id, id => known.GetValueOrDefault(id, id));
    }
}
