using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>
/// A record that is being decided on changes: the reviews that were opened with its old hash end, nothing of them counts, and the
/// authors submit again with the new one. In the transaction of the change, so that no decision falls between.
/// </summary>
public sealed class EndReviewOf(LaneRuntime lanes, SettleReview settlement)
{
    private const int MostAtOnce = 100;

    /// <returns>The use cases that are being reviewed with this record.</returns>
    internal static async Task<List<string>> UnderReviewAsync(GovernanceDb db, string recordKey, CancellationToken cancellation) =>
        await db.Database.SqlQuery<string>(
            $"""
            select r.use_case_key as "Value" from approval_round r join use_case_revision v on v.use_case_id = r.use_case_id and v.number = r.revision_number
            where r.status = 'Open' and r.topic = 'Proposal' and v.records @> jsonb_build_array(jsonb_build_object('key', {recordKey}::text)) order by 1 limit {MostAtOnce}
            """).ToListAsync(cancellation);

    internal async Task RunAsync(GovernanceDb db, string recordKey, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        foreach (var useCaseKey in await UnderReviewAsync(db, recordKey, cancellation))
        {
            if (await LockedReview.OfUseCaseAsync(db, useCaseKey, cancellation) is { } review)
            {
                await EndAsync(db, review, $"{recordKey} changed, which was part of what was decided on.", by, now, cancellation);
            }
        }
    }

    internal async Task EndAsync(GovernanceDb db, LockedReview review, string reason, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        review.Round.Cancel(reason, by, now);
        await lanes.CancelAsync(db, review, by, now, cancellation);
        await settlement.EndAsync(db, review, by, now, cancellation);
    }
}
