using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Cards;

/// <summary>Somebody who did not write it takes a card into force: a numbered version with a hash and a day on which it is stale.</summary>
public sealed class PublishCard(IDbContextFactory<GovernanceDb> databases, VersionedFiles<CardTemplate> templates, EndReviewOf reviews, Organisation organisation, TimeProvider clock)
{
    /// <param name="contentHash">As the person was shown it.</param>
    /// <param name="expiresOn">Null for the longest that the template allows.</param>
    public Task<Card> RunAsync(string key, string contentHash, DateOnly? expiresOn, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(PublishCard), key, by, clock, async () =>
        {
            AccessPolicy.Demand(by, Permission.DecideReviews);
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var card = await db.Cards.Include(c => c.Versions).SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("card", key);
            if (card.UseCaseKey is { } useCase)
            {
                await db.DemandReadableAsync(useCase, by, cancellation);
            }

            var now = clock.GetUtcNow();
            var (template, today) = (templates.InForce(now), organisation.DayOf(now));
            var before = card.Versions.FirstOrDefault(v => v.Number == card.LatestVersion)?.ContentHash;
            card.Publish(template, expiresOn ?? today.AddDays(template.ValidForDays), today, contentHash, by, now);
            // A system is decided on by its draft, which this does not change; a model by what is published.
            if (card.Kind is CardKind.Model && before != card.ContentHash)
            {
                await reviews.RunAsync(db, key, by, now, cancellation);
            }

            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            return card;
        });
}
