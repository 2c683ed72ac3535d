using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>Makes a kill criterion stricter than it was approved. Who may stop a use case may also make it stop earlier.</summary>
public sealed class TightenCriterion(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    /// <param name="useCaseKey">Whose.</param>
    /// <param name="number">Its place on the approved one-pager, from 1.</param>
    /// <param name="limit">In the unit of the criterion.</param>
    /// <param name="reason">For the audit log.</param>
    /// <param name="by">Who.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<CriterionTightening> RunAsync(
        string useCaseKey, int number, decimal limit, string reason, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.EngageSwitches, useCase.Subject);
        Refuse.If(!useCase.IsApproved, "not-approved", $"{useCaseKey} is not approved, so none of its limits is in force.");
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"criteria/" + useCaseKey}, 0))", cancellation);
        var criterion = (await WatchedCriterion.OfAsync(db, [useCaseKey], cancellation)).SingleOrDefault(c => c.Number == number)
            ?? throw new NotFoundException("kill criterion", $"K{number} of {useCaseKey}");
        Refuse.If(criterion.Criterion.Kind is KillCriterionKind.Alert or KillCriterionKind.SevereIncident, "no-limit", $"K{number} has no limit that could be stricter: it engages or it does not.");
        var now = clock.GetUtcNow();
        var tightening = await db.CriterionTightenings.SingleOrDefaultAsync(
            t => t.UseCaseKey == useCaseKey && t.Revision == criterion.Revision && t.Criterion == number, cancellation);
        if (tightening is null)
        {
            tightening = CriterionTightening.For(criterion, now);
            db.CriterionTightenings.Add(tightening);
        }

        tightening.Tighten(limit, criterion.Criterion.Kind.IsWorseBelow(), ApprovalFor(useCase), reason, by, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return tightening;
    }

    /// <summary>Whose approval a looser limit takes: a new revision goes the way the approved one went.</summary>
    public static string ApprovalFor(UseCase useCase) =>
        useCase.Revisions.Single(r => r.Number == useCase.ApprovedRevision).Assessment is { Functions: [_, ..] functions } assessment
            ? $"a new revision approved by {string.Join(", ", functions.Select(f => f is Role.CoeLead ? "CoE lead" : f.ToString()))}, as on the {assessment.Lane.ToString().ToLowerInvariant()} lane"
            : "a new revision that the rule of the fast lane clears";
}
