using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>What people said of a use case, minute by minute.</summary>
internal static class OpinionMinutes
{
    /// <param name="from">Included.</param>
    /// <param name="to">Excluded.</param>
    /// <returns>The minutes with an opinion, in order.</returns>
    public static async Task<List<(DateTime Minute, WindowFigures Figures)>> ReadAsync(
        GovernanceDb db, string useCaseKey, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            select date_trunc('minute', given_at, 'UTC') "Minute", count(*) "Opinions", count(*) filter (where opinion = 'Negative') "Negative" from user_feedback
            where use_case_key = {useCaseKey} and given_at >= {from} and given_at < {to} group by 1 order by 1
            """).ToListAsync(cancellation);
        return rows.ConvertAll(r => (r.Minute, WindowFigures.None with { Opinions = r.Opinions, NegativeOpinions = r.Negative }));
    }

    private sealed record Row(DateTime Minute, long Opinions, long Negative);
}
