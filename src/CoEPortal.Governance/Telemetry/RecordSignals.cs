using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Keeps alerts as signals on use cases. A signal stops nothing by itself: only a use case whose approved one-pager names the
/// alert is stopped by it, in the same transaction.
/// </summary>
public sealed class RecordSignals(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private readonly WatchCriteria _watch = new(organisation, clock);

    /// <param name="signals">In any order; the last of one alert counts.</param>
    /// <param name="boundUseCase">The use case of the token that reports; it wins over labels.</param>
    /// <param name="cancellation">Nothing is stored when cancelled.</param>
    /// <returns>How many are new or changed.</returns>
    public async Task<int> RunAsync(IReadOnlyCollection<ReportedSignal> signals, string? boundUseCase, CancellationToken cancellation = default)
    {
        if (signals.Count == 0)
        {
            return 0;
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var pairs = signals.Reverse().DistinctBy(s => (s.Source, s.Fingerprint, s.StartedAt))
            .OrderBy(s => s.Source, StringComparer.Ordinal).ThenBy(s => s.Fingerprint, StringComparer.Ordinal).ThenBy(s => s.StartedAt)
            .Select(s => (Signal: s, Sender: SenderOf(s))).ToList();
        var attribution = await UseCaseAttribution.ForAsync(db, pairs.ConvertAll(p => p.Sender), boundUseCase, cancellation);
        var changed = 0;
        var alerts = new List<FiringAlert>();
        var now = clock.GetUtcNow();
        foreach (var (signal, sender) in pairs)
        {
            var useCase = attribution.Of(sender).UseCase;
            // An alert that was resolved and is reported firing once more, late, stays resolved.
            var isNews = await db.Database.ExecuteSqlAsync(
                $"""
                insert into telemetry.signal as s (id, source, fingerprint, name, severity, summary, use_case_key, is_firing, started_at, ended_at, received_at, labels)
                values ({Guid.CreateVersion7(now)}, {signal.Source}, {signal.Fingerprint}, {signal.Name}, {signal.Severity}, {signal.Summary}, {useCase},
                  {signal.IsFiring}, {signal.StartedAt.ToUniversalTime()}, {signal.EndedAt?.ToUniversalTime()}, {now}, {JsonSerializer.Serialize(signal.Labels)}::jsonb)
                on conflict (source, fingerprint, started_at) do update set
                  is_firing = excluded.is_firing, ended_at = excluded.ended_at, summary = excluded.summary, severity = excluded.severity, received_at = excluded.received_at
                where s.is_firing and (s.is_firing, s.summary, s.severity) is distinct from (excluded.is_firing, excluded.summary, excluded.severity)
                """, cancellation) > 0;
            changed += isNews ? 1 : 0;
            if (isNews && useCase is not null)
            {
                alerts.Add(new FiringAlert(useCase, signal.Name, signal.IsFiring, (signal.EndedAt ?? signal.StartedAt).ToUniversalTime(), signal.Summary));
            }
        }

        await _watch.AlertsAsync(db, alerts, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return changed;
    }

    private static ReportedCall SenderOf(ReportedSignal signal) => new()
    {
        Source = signal.Source,
        SourceEventId = signal.Fingerprint,
        Account = Account.GatewayLog,
        StartedAt = signal.StartedAt,
        ClaimedUseCase = signal.ClaimedUseCase,
        KeyHash = signal.KeyHash,
        Team = signal.Team,
    };
}
