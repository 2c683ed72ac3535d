using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Stores calls, each once, and their cost; keeps the minute totals; and engages a use case's switch when its own
/// budget is reached. All in one transaction: what is counted is stored, and what is stored is counted.
/// </summary>
public sealed class RecordCalls(IDbContextFactory<GovernanceDb> databases, PriceBooks prices, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="boundUseCase">The use case of the token that reports. It wins over what a call claims.</param>
    public async Task<RecordedBatch> RunAsync(
        IReadOnlyCollection<ReportedCall> calls, string? boundUseCase, CancellationToken cancellation = default)
    {
        if (calls.Count == 0)
        {
            return new RecordedBatch(0, 0, 0, 0);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();

        var known = await KnownUseCasesAsync(db, calls, boundUseCase, cancellation);
        var priced = calls
            .DistinctBy(c => (c.Source, c.SourceEventId))
            .Select(c => new PricedCall(c, UseCaseOf(c, boundUseCase, known), prices.CostOf(c)))
            .ToList();
        var stored = await StoreAsync(connection, priced, cancellation);
        if (stored.Count > 0)
        {
            await AddToMinutesAsync(connection, stored, cancellation);
            await _watch.RunAsync(db, [.. stored.Where(c => c.UseCase is not null).Select(c => new CountedCall(
                c.UseCase!, c.Call.SourceEventId, c.Call.StartedAt, c.Call.Duration, c.Call.Failed, c.Call.IsMetered, c.Cost.Dollars))], cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new RecordedBatch(calls.Count, stored.Count, calls.Count - stored.Count, stored.Count(c => c.UseCase is null));
    }

    internal sealed record PricedCall(ReportedCall Call, string? UseCase, CallCost Cost);

    private static string? UseCaseOf(ReportedCall call, string? bound, HashSet<string> known) =>
        bound ?? (call.ClaimedUseCase is { } claimed && known.Contains(claimed) ? claimed : null);

    private static async Task<HashSet<string>> KnownUseCasesAsync(
        GovernanceDb db, IReadOnlyCollection<ReportedCall> calls, string? bound, CancellationToken cancellation)
    {
        var claimed = calls.Select(c => c.ClaimedUseCase).OfType<string>().Distinct().ToList();
        return bound is not null || claimed.Count == 0 ? []
            : [.. await db.UseCases.AsNoTracking().Where(u => claimed.Contains(u.Key)).Select(u => u.Key).ToListAsync(cancellation)];
    }

    /// <returns>The calls that were not known before, in the order of their event time.</returns>
    private static async Task<List<PricedCall>> StoreAsync(NpgsqlConnection connection, List<PricedCall> calls, CancellationToken cancellation)
    {
        var byId = calls.ToDictionary(c => (c.Call.Source, c.Call.SourceEventId));
        var stored = new List<PricedCall>(calls.Count);
        // Ordered, so that two batches with the same calls wait for each other instead of dead-locking. COPY would be
        // a little faster but cannot skip duplicates without a temporary table, which the runtime role may not make.
        await using var insert = new NpgsqlCommand(
            """
            insert into telemetry.call (source, source_event_id, use_case_key, claimed_use_case, started_at, duration_us, provider, operation, model,
              request_model, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost, cost_origin, failed, error_type, response_id, trace_id, span_id)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[], $7::text[], $8::text[], $9::text[],
              $10::text[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::numeric[], $16::text[], $17::boolean[], $18::text[], $19::text[], $20::text[], $21::text[])
            on conflict (source, source_event_id) do nothing returning source, source_event_id
            """, connection);
        var rows = calls.OrderBy(c => c.Call.Source, StringComparer.Ordinal).ThenBy(c => c.Call.SourceEventId, StringComparer.Ordinal).ToList();
        Column(c => c.Call.Source);
        Column(c => c.Call.SourceEventId);
        Column(c => c.UseCase);
        Column(c => c.Call.ClaimedUseCase);
        Column(c => c.Call.StartedAt.UtcDateTime);
        Column(c => c.Call.Duration is { } duration ? duration.Ticks / TimeSpan.TicksPerMicrosecond : (long?)null);
        Column(c => c.Call.Provider);
        Column(c => c.Call.Operation);
        Column(c => c.Call.Model);
        Column(c => c.Call.RequestModel);
        Column(c => c.Call.InputTokens);
        Column(c => c.Call.OutputTokens);
        Column(c => c.Call.CachedInputTokens);
        Column(c => c.Call.ReasoningTokens);
        Column(c => c.Cost.Dollars);
        Column(c => c.Cost.Origin);
        Column(c => c.Call.Failed);
        Column(c => c.Call.ErrorType);
        Column(c => c.Call.ResponseId);
        Column(c => c.Call.TraceId);
        Column(c => c.Call.SpanId);
        await using var reader = await insert.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            stored.Add(byId[(reader.GetString(0), reader.GetString(1))]);
        }

        stored.Sort((a, b) => (a.Call.StartedAt, a.Call.SourceEventId).CompareTo((b.Call.StartedAt, b.Call.SourceEventId)));
        return stored;

        void Column<T>(Func<PricedCall, T> value) => Add(insert, rows.ConvertAll(c => value(c)).ToArray());
    }

    private static async Task AddToMinutesAsync(NpgsqlConnection connection, List<PricedCall> calls, CancellationToken cancellation)
    {
        var minutes = calls
            .GroupBy(c => (UseCase: c.UseCase ?? "", Minute: MinuteOf(c.Call.StartedAt), c.Call.Model))
            .OrderBy(g => g.Key.UseCase, StringComparer.Ordinal).ThenBy(g => g.Key.Minute).ThenBy(g => g.Key.Model, StringComparer.Ordinal)
            .ToList();
        await using var upsert = new NpgsqlCommand(
            """
            insert into telemetry.usage_minute as u
              (use_case_key, minute, model, calls, unmetered_calls, unpriced_calls, failed_calls, input_tokens, output_tokens, cost)
            select * from unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::numeric[])
            on conflict (use_case_key, minute, model) do update set
              calls = u.calls + excluded.calls, unmetered_calls = u.unmetered_calls + excluded.unmetered_calls,
              unpriced_calls = u.unpriced_calls + excluded.unpriced_calls, failed_calls = u.failed_calls + excluded.failed_calls,
              input_tokens = u.input_tokens + excluded.input_tokens, output_tokens = u.output_tokens + excluded.output_tokens,
              cost = u.cost + excluded.cost
            """, connection);
        Add(upsert, minutes.ConvertAll(m => m.Key.UseCase).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.Key.Minute).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.Key.Model).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.LongCount()).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.LongCount(c => !c.Call.IsMetered)).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.LongCount(c => c.Cost.Dollars is null)).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.LongCount(c => c.Call.Failed)).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.Sum(c => c.Call.InputTokens ?? 0)).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.Sum(c => c.Call.OutputTokens ?? 0)).ToArray());
        Add(upsert, minutes.ConvertAll(m => m.Sum(c => c.Cost.Dollars ?? 0)).ToArray());
        await upsert.ExecuteNonQueryAsync(cancellation);
    }

    private static DateTime MinuteOf(DateTimeOffset at) => new(at.UtcDateTime.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, DateTimeKind.Utc);

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
