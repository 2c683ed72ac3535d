using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>What was spent of a budget in the newest of its periods that has a spend, as it is enforced.</summary>
internal sealed record NewestSpend(string UseCase, int Revision, int Criterion, DateTimeOffset WindowStart, decimal Cost)
{
    public static Task<Dictionary<(string UseCase, int Revision, int Criterion), NewestSpend>> OfAsync(
        GovernanceDb db, IReadOnlyCollection<string> useCases, CancellationToken cancellation) =>
        db.Database.SqlQuery<NewestSpend>(
            $"""
            select distinct on (use_case_key, revision, criterion) use_case_key "UseCase", revision "Revision", criterion "Criterion", window_start "WindowStart", cost "Cost"
            from telemetry.spend where use_case_key = any ({useCases}) order by use_case_key, revision, criterion, window_start desc
            """).ToDictionaryAsync(s => (s.UseCase, s.Revision, s.Criterion), cancellation);
}
