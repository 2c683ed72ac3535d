using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>Starts the assessment of a use case from what its one-pager says, and saves its text as it is written.</summary>
public sealed class WriteDpia(IDbContextFactory<GovernanceDb> databases, VersionedFiles<DpiaTemplate> templates, EndReviewOf reviews, TimeProvider clock)
{
    public async Task<ImpactAssessment> StartAsync(string useCaseKey, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.WriteDpias, useCase.Subject);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"dpia/" + useCaseKey}, 0))", cancellation);
        Refuse.If(await db.ImpactAssessments.AnyAsync(a => a.UseCaseKey == useCaseKey, cancellation), "dpia-exists", $"{useCaseKey} has an assessment already.");
        var now = clock.GetUtcNow();
        var number = await db.Database.SqlQuery<long>($"select nextval('dpia_number') as \"Value\"").SingleAsync(cancellation);
        var assessment = ImpactAssessment.Start(FormattableString.Invariant($"DPIA-{number:0000}"), useCaseKey, useCase.Draft, templates.InForce(now), by, now);
        db.ImpactAssessments.Add(assessment);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return assessment;
    }

    /// <param name="version">What the writer saw: a change in between is refused, and nothing is lost on either side.</param>
    /// <param name="endsReviews">Reviews that are decided with the text as it was end, and are submitted again.</param>
    public async Task<ImpactAssessment> SaveAsync(string key, DpiaContent content, int version, Actor by, bool endsReviews = false, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var id = await db.ImpactAssessments.Where(a => a.Key == key).Select(a => a.Id).SingleOrDefaultAsync(cancellation);
        // Its lane before anything else, as a decision does: the two at once end in one of them.
        var ownReview = await LockedReview.OfTopicAsync(db, id, cancellation);
        var assessment = await db.ImpactAssessments.SingleOrDefaultAsync(a => a.Id == id, cancellation) ?? throw new NotFoundException("assessment", key);
        AccessPolicy.Demand(by, Permission.WriteDpias, await db.DemandReadableAsync(assessment.UseCaseKey, by, cancellation));
        Refuse.If(version != assessment.Version, "changed-meanwhile", $"{key} was changed in another tab or by somebody else since you opened it. Your text is still on this page: copy what you need, then load the newer one.");
        var now = clock.GetUtcNow();
        content = content.Checked(templates.OfVersion(assessment.Draft.TemplateVersion) ?? templates.InForce(now), assessment.Draft);
        if (content.HashOf(key, assessment.UseCaseKey) != assessment.ContentHash)
        {
            var reviewed = await EndReviewOf.UnderReviewAsync(db, key, cancellation);
            Refuse.If(!endsReviews && ownReview is not null, "in-review", $"The lane of {key} decides on this text. Changing it ends that review, and you ask again.");
            Refuse.If(!endsReviews && reviewed.Count > 0, "in-review", $"{string.Join(", ", reviewed)} is being decided on with this assessment as it is. Changing it ends that review, and the authors submit again.");
            if (ownReview is not null)
            {
                await reviews.EndAsync(db, ownReview, $"{key} changed while it was decided on.", by, now, cancellation);
            }

            await reviews.RunAsync(db, key, by, now, cancellation);
        }

        assessment.Save(content, by, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return assessment;
    }
}
