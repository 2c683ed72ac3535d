using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>A kill criterion as a page shows it.</summary>
/// <param name="Criterion">With the limit in force.</param>
/// <param name="IsMeasured">False: "not measured here yet", people have to watch it.</param>
/// <param name="IsOver">It engaged, and its figure has not been well below the limit since.</param>
/// <param name="EngagedAt">When it last engaged, by event time.</param>
public sealed record CriterionStanding(WatchedCriterion Criterion, bool IsMeasured, bool IsOver, DateTimeOffset? EngagedAt);

/// <summary>Every criterion of what is approved: none is silently ignored.</summary>
public sealed class CriteriaInForce(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<IReadOnlyList<CriterionStanding>> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        var states = await db.Database.SqlQuery<State>(
            $"""
            select revision "Revision", criterion "Criterion", is_over "IsOver", engaged_at "EngagedAt" from telemetry.criterion_state where use_case_key = {useCaseKey}
            """).ToListAsync(cancellation);
        return
        [
            .. from criterion in await WatchedCriterion.OfAsync(db, [useCaseKey], cancellation)
               let state = states.Find(s => (s.Revision, s.Criterion) == (criterion.Revision, criterion.Number))
               select new CriterionStanding(criterion, criterion.Criterion.Kind.IsMeasured(), state?.IsOver ?? false, state?.EngagedAt),
        ];
    }

    private sealed record State(int Revision, int Criterion, bool IsOver, DateTimeOffset? EngagedAt);
}
