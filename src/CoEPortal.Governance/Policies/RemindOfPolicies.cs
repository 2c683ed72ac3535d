using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Policies;

/// <summary>Tells everybody of a version that holds, and those who have not acknowledged it again, a week later and so on, four times in all.</summary>
public sealed class RemindOfPolicies(IDbContextFactory<GovernanceDb> databases, PolicyShelf shelf, Notices notices, TimeProvider clock)
{
    private const int MostAtOnce = 500;
    private const int LastReminder = 3;

    /// <returns>How many were told.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var told = 0;
        var all = await db.PolicyVersions.AsNoTracking().Where(v => v.EffectiveOn <= shelf.Today).Select(v => new { v.Policy, v.Number, v.Title, v.EffectiveOn }).ToListAsync(cancellation);
        foreach (var version in all.GroupBy(v => v.Policy).Select(g => g.MaxBy(v => v.Number)!).OrderBy(v => v.Policy, StringComparer.Ordinal))
        {
            var reminder = Math.Min(LastReminder, (shelf.Today.DayNumber - version.EffectiveOn.DayNumber) / 7);
            var key = FormattableString.Invariant($"policy/{version.Policy}/{version.Number}/{reminder}");
            var people = await db.People.AsNoTracking().Where(p => p.IsActive
                    && !db.Acknowledgements.Any(a => a.Policy == version.Policy && a.Number == version.Number && a.PersonId == p.Id)
                    && !db.Notifications.Any(n => n.PersonId == p.Id && n.DedupeKey == key))
                .OrderBy(p => p.Id).Take(MostAtOnce).Select(p => p.Id).ToListAsync(cancellation);
            if (people.Count == 0)
            {
                continue;
            }

            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            await notices.SendAsync(
                db,
                [
                    .. people.Select(p => new Notice(
                        new PersonId(p), "policy-asks", $"{version.Title}, version {version.Number}: acknowledge it", "One page. Read it, then one click.", $"/policies/{version.Policy}", null, key)),
                ],
                clock.GetUtcNow(), cancellation);
            await transaction.CommitAsync(cancellation);
            told += people.Count;
        }

        return told;
    }
}
