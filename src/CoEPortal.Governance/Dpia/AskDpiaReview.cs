using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Dpia;

/// <summary>
/// Whoever writes an assessment asks the functions of its lane to accept what risk is left, once the officer has advised and the
/// advice is answered. Beside whatever else of the use case is being reviewed.
/// </summary>
public sealed class AskDpiaReview(
    IDbContextFactory<GovernanceDb> databases, PublishedDefinitions definitions, LaneRuntime lanes, VersionedFiles<DpiaTemplate> templates, TimeProvider clock)
{
    private const string Workflow = "dpia-review";

    public Task<ApprovalRound> RunAsync(string key, string contentHash, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(AskDpiaReview), key, by, clock, () => AskAsync(key, contentHash, by, cancellation));

    private async Task<ApprovalRound> AskAsync(string key, string contentHash, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var assessment = await db.ImpactAssessments.SingleOrDefaultAsync(a => a.Key == key, cancellation) ?? throw new NotFoundException("assessment", key);
        await LockedReview.BeforeItOpensAsync(db, assessment.UseCaseKey, cancellation);
        var useCase = await db.DemandUseCaseAsync(assessment.UseCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.WriteDpias, useCase.Subject);
        Refuse.If(useCase.LatestRevision == 0, "not-submitted", $"{useCase.Key} was never submitted, so nobody knows yet what the assessment is about. Submit its proposal first; both are reviewed side by side.");
        Refuse.If(
            await DpiaReviews.HasObjectedAsync(db, assessment, contentHash, [RoundStatus.Vetoed], cancellation),
            "vetoed", "This very text was vetoed. Change what the veto names, and ask the officer for advice on it.");
        var definition = await definitions.NewestAsync(db, Workflow, cancellation);
        Refuse.If(definition is null, "lane-not-published", "The lane of assessments has no published workflow. A CoE lead finds the reason under Workflows.");

        var now = clock.GetUtcNow();
        var template = templates.OfVersion(assessment.Draft.TemplateVersion) ?? templates.InForce(now);
        var question = assessment.AskReview(template, useCase.Draft, definition.RequiredFunctions.Select(Enum.Parse<Role>), contentHash, by);
        var revision = useCase.Revisions.Single(r => r.Number == useCase.LatestRevision);
        var round = ApprovalRound.Open(question, useCase, revision, await LockedReview.NextNumberAsync(db, useCase, cancellation), by, now);
        db.ApprovalRounds.Add(round);
        await lanes.StartAsync(db, round, useCase, ("residualRiskHigh", JsonSerializer.SerializeToElement(assessment.NeedsLane)), by, now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return round;
    }
}
