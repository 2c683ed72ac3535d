using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>The score of a golden set or another evaluation, as a program reports it.</summary>
/// <param name="Id">Of the sender: told again, it is the same.</param>
/// <param name="ClaimedUseCase">Counts only for a token that is bound to no use case.</param>
/// <param name="Suite">What was evaluated by, e.g. <c>golden-set</c>.</param>
/// <param name="Score">In the unit of the suite; higher is better.</param>
/// <param name="Examples">How many were scored.</param>
/// <param name="EvaluatedAt">When.</param>
public sealed record ReportedEvaluation(string Id, string? ClaimedUseCase, string Suite, decimal Score, long Examples, DateTimeOffset EvaluatedAt);

/// <summary>Keeps scores of evaluations, each once. The newest is judged by the approved kill criteria of its use case.</summary>
public sealed class RecordEvaluations(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="evaluations">In any order, with repetitions.</param>
    /// <param name="boundUseCase">The use case of the token that reports; it wins over claims.</param>
    /// <param name="reportedBy">The name of the token.</param>
    /// <param name="cancellation">Nothing is stored when cancelled.</param>
    /// <returns>How many were stored, and how many named no known use case and are not kept.</returns>
    public async Task<(int Stored, int OfNobody)> RunAsync(
        IReadOnlyCollection<ReportedEvaluation> evaluations, string? boundUseCase, string reportedBy, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var named = evaluations.Select(e => boundUseCase ?? e.ClaimedUseCase).OfType<string>().Distinct().ToList();
        var known = await db.UseCases.AsNoTracking().Where(u => named.Contains(u.Key)).Select(u => u.Key).ToListAsync(cancellation);
        var (now, stored) = (clock.GetUtcNow(), 0);
        foreach (var useCase in evaluations.Where(e => known.Contains(boundUseCase ?? e.ClaimedUseCase ?? "")).GroupBy(e => boundUseCase ?? e.ClaimedUseCase!).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            // One after the other: only the newest is judged, and two at once would both be.
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"criteria/" + useCase.Key}, 0))", cancellation);
            foreach (var one in useCase.OrderBy(e => e.EvaluatedAt).ThenBy(e => e.Id, StringComparer.Ordinal))
            {
                var at = one.EvaluatedAt.ToUniversalTime();
                var isNew = await db.Database.ExecuteSqlAsync(
                    $"""
                    insert into telemetry.evaluation (id, use_case_key, source_id, suite, score, examples, evaluated_at, received_at, reported_by)
                    values ({Guid.CreateVersion7(now)}, {useCase.Key}, {one.Id}, {one.Suite}, {one.Score}, {one.Examples}, {at}, {now}, {reportedBy})
                    on conflict (use_case_key, source_id) do nothing
                    """, cancellation) == 1;
                stored += isNew ? 1 : 0;
                if (isNew && !await IsOlderAsync(db, useCase.Key, at, cancellation))
                {
                    await _watch.EvaluationAsync(db, useCase.Key, one.Suite, one.Score, one.Examples, at, cancellation);
                }
            }
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (stored, evaluations.Count(e => !known.Contains(boundUseCase ?? e.ClaimedUseCase ?? "")));
    }

    private static Task<bool> IsOlderAsync(GovernanceDb db, string useCase, DateTimeOffset at, CancellationToken cancellation) =>
        db.Database.SqlQuery<bool>($"select exists (select from telemetry.evaluation where use_case_key = {useCase} and evaluated_at > {at}) as \"Value\"").SingleAsync(cancellation);
}
