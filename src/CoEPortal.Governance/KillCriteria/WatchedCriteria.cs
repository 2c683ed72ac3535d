using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>A kill criterion of an approved one-pager with the limit that is in force.</summary>
/// <param name="UseCaseKey">Whose it is.</param>
/// <param name="Revision">The approved revision.</param>
/// <param name="Number">Its place on the one-pager, from 1: K1, K2 …</param>
/// <param name="Criterion">As approved.</param>
/// <param name="Limit">As approved, or as an operator tightened it.</param>
public sealed record WatchedCriterion(string UseCaseKey, int Revision, int Number, KillCriterion Criterion, decimal Limit)
{
    /// <summary>The name of the rule that engages, e.g. <c>error-rate-k2</c>.</summary>
    public string Rule => Criterion.Kind switch
    {
        KillCriterionKind.CostPerCall => "cost",
        KillCriterionKind.CostPerTask => "task-cost",
        KillCriterionKind.ErrorRate => "error-rate",
        KillCriterionKind.ApprovalExpiry => "approval-expired",
        KillCriterionKind.StaleCard => "stale-card",
        KillCriterionKind.GuardrailRate => "guardrail",
        KillCriterionKind.EvaluationScore => "evaluation",
        KillCriterionKind.NegativeFeedback => "feedback",
        KillCriterionKind.SevereIncident => "severe-incident",
        var other => other.ToString().ToLowerInvariant(),
    } + $"-k{Number}";

    internal static async Task<List<WatchedCriterion>> OfAsync(GovernanceDb db, IReadOnlyCollection<string> useCases, CancellationToken cancellation)
    {
        var approved = await db.UseCases.AsNoTracking()
            .Where(u => useCases.Contains(u.Key) && u.ApprovedRevision != null).OrderBy(u => u.Key)
            .Select(u => new { u.Key, Revision = u.ApprovedRevision!.Value, u.Revisions.Single(r => r.Number == u.ApprovedRevision).Proposal })
            .ToListAsync(cancellation);
        var tightened = await db.CriterionTightenings.AsNoTracking().Where(t => useCases.Contains(t.UseCaseKey))
            .Select(t => new { t.UseCaseKey, t.Revision, t.Criterion, t.Limit }).ToListAsync(cancellation);
        return
        [
            .. from useCase in approved
               from criterion in useCase.Proposal.KillCriteria.Select((c, i) => (Approved: c, Number: i + 1))
               let tighter = tightened.Find(t => (t.UseCaseKey, t.Revision, t.Criterion) == (useCase.Key, useCase.Revision, criterion.Number))
               select new WatchedCriterion(useCase.Key, useCase.Revision, criterion.Number, criterion.Approved, tighter?.Limit ?? criterion.Approved.Limit),
        ];
    }
}
