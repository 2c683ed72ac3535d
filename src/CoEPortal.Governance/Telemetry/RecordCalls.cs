using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Stores calls, each once however many tell of it, and their cost; keeps the totals; and engages a use case's switch
/// when one of its own kill criteria is reached. All in one transaction: what is counted is stored, and what is stored is counted.
/// </summary>
public sealed class RecordCalls(IDbContextFactory<GovernanceDb> databases, PriceBooks prices, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);
    private readonly TelemetrySources _sources = new();
    private readonly ActiveUsers _users = new();

    /// <param name="calls">In any order, with repetitions.</param>
    /// <param name="boundUseCase">The use case of the token that reports. It wins over what a call claims.</param>
    /// <param name="reportedBy">The name of the token that reports; for a gateway's report the gateway's name.</param>
    /// <param name="cancellation">Nothing is stored when cancelled.</param>
    public async Task<RecordedBatch> RunAsync(
        IReadOnlyCollection<ReportedCall> calls, string? boundUseCase, string reportedBy = "", CancellationToken cancellation = default)
    {
        if (calls.Count == 0)
        {
            return new RecordedBatch(0, 0, 0, 0);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        var attribution = await UseCaseAttribution.ForAsync(db, calls, boundUseCase, cancellation);
        var now = clock.GetUtcNow();
        var counted = await CountOnce.RunAsync(
            connection,
            calls.Select(call =>
            {
                var (useCase, why) = attribution.Of(call);
                return new StoredCall(Guid.CreateVersion7(now), call, useCase, why, prices.CostOf(call), reportedBy);
            }),
            prices, cancellation);
        var (takenBack, remember) = await _sources.NoteCallsAsync(connection, [.. counted.New, .. counted.Completed], cancellation);
        List<UsageChange> changes = [.. counted.Changes, .. takenBack];
        await UsageTotals.AddAsync(connection, changes, cancellation);
        await TopicTotals.AddAsync(connection, changes, cancellation);
        await _users.NoteAsync(connection, counted.Told, cancellation);
        await _watch.RunAsync(db, UsageChange.Counted(changes), cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        remember();
        return new RecordedBatch(
            calls.Count, counted.New.Count, calls.Count - counted.New.Count - counted.Completed.Count,
            counted.New.Count(c => c.UseCase is null), counted.Completed.Count);
    }
}
