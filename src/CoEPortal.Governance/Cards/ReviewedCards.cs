using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Cards;

/// <summary>A proposal is decided on with its system card as it stands, and with the published cards of the models it names.</summary>
public sealed class ReviewedCards : IReviewedRecords
{
    private const int MostModels = 50;

    public async Task<IReadOnlyList<ReviewedRecord>> OfAsync(GovernanceDb db, string useCaseKey, Proposal proposal, CancellationToken cancellation)
    {
        var names = CardExport.ModelsOf(proposal).Take(MostModels).ToArray();
        var systems = await db.Cards.AsNoTracking().Where(c => c.UseCaseKey == useCaseKey).Select(c => new ReviewedRecord(c.Key, c.ContentHash)).ToListAsync(cancellation);
        var models = await db.Database.SqlQuery<ReviewedRecord>(
            $"""
            select c.key "Key", v.content_hash "Hash" from card c join card_version v on v.card_id = c.id and v.number = c.latest_version
            where c.kind = 'Model' and lower(c.name) in (select lower(n) from unnest({names}) n) order by c.key limit {MostModels}
            """).ToListAsync(cancellation);
        return [.. systems, .. models];
    }
}
