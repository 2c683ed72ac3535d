using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Freezes the draft as a revision, judges it, and opens the lane that the rules choose. One transaction.</summary>
public sealed class SubmitProposal(
    IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TriageRules rules, LaneRuntime lanes, TimeProvider clock, IEnumerable<IReviewedRecords>? reviewed = null)
{
    /// <param name="version">The version the submitter saw, or null to submit whatever stands.</param>
    public async Task<UseCaseRevision> RunAsync(string key, int? version, Actor submitter, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await LockedReview.BeforeItOpensAsync(db, key, cancellation);
        var useCase = await db.DemandUseCaseAsync(key, submitter, cancellation);
        useCase.DemandWritable(submitter);
        Refuse.If(version is not null && (version < useCase.DraftVersion || version > useCase.Version), "changed-meanwhile",
            $"{key} was changed in another tab or by somebody else since you opened it. Load it again before you submit.");
        validator.Demand(useCase.Draft, ProposalValidator.Bounds, ProposalValidator.Complete);

        var now = clock.GetUtcNow();
        var assessment = Triage.Assess(useCase.Draft, rules.InForce(now), await PatternLibrary.ForAsync(db, key, now, cancellation), await OverrideList.StandingAsync(db, key, cancellation));
        var records = new List<ReviewedRecord>();
        foreach (var source in reviewed ?? [])
        {
            records.AddRange(await source.OfAsync(db, key, useCase.Draft, cancellation));
        }

        var revision = useCase.Submit(assessment, submitter, now, [.. records.OrderBy(r => r.Key, StringComparer.Ordinal)]);
        if (useCase.Stage is Stage.InReview)
        {
            var round = ApprovalRound.Open(useCase, revision, await LockedReview.NextNumberAsync(db, useCase, cancellation), submitter, now);
            db.ApprovalRounds.Add(round);
            await lanes.StartAsync(db, round, useCase, revision, submitter, now, cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return revision;
    }
}
