using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>How long single calls are kept (setting <c>Portal__Telemetry__KeepCallsMonths</c>). Totals are kept for good, pseudonyms of people for a quarter.</summary>
public sealed record TelemetryRetention(int Months = 13)
{
    /// <summary>Adoption is looked at over four weeks; nobody needs to know longer who came back.</summary>
    public const int KeepUsersDays = 92;
}

/// <summary>What a sweep did.</summary>
public sealed record RetainedCalls(int DroppedMonths, long ForgottenNames);

/// <summary>
/// Makes room for the months to come and drops those that are old enough, whole but for the calls of a use case under a legal
/// hold or within the window of an evidence lock. Names of calls outlive the calls: what is reported again within the retention, however old it is itself, is known and
/// not counted again.
/// </summary>
public sealed class RetainCalls(IDbContextFactory<GovernanceDb> databases, TelemetryRetention retention, TimeProvider clock)
{
    private const int MonthsAhead = 3;
    private const int AtOnce = 50_000;

    /// <summary>Points of metrics are refused when they are older than 30 days, so their series need not be known longer.</summary>
    private static readonly TimeSpan KeepSeriesFor = TimeSpan.FromDays(40);

    public async Task<RetainedCalls> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var now = clock.GetUtcNow();
        for (var ahead = 0; ahead <= MonthsAhead; ahead++)
        {
            await db.Database.ExecuteSqlAsync($"select telemetry.make_month({DateOnly.FromDateTime(now.UtcDateTime).AddMonths(ahead)})", cancellation);
        }

        var before = now.AddMonths(-Math.Max(1, retention.Months));
        var oldest = DateOnly.FromDateTime(now.UtcDateTime).AddMonths(-Math.Max(1, retention.Months));
        var dropped = await db.Database.SqlQuery<int>($"select telemetry.drop_months_before({oldest}) as \"Value\"").SingleAsync(cancellation);
        var forgotten = await ForgetNamesAsync(db, before, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from telemetry.topic_day t where day < {before}
              and not exists (select from telemetry.held h where h.use_case_key = t.use_case_key and t.day between h.from_at - interval '1 day' and h.until_at)
            """, cancellation);
        await db.Database.ExecuteSqlAsync(
            $"""
            delete from telemetry.task t where begun_at < {before}
              and not exists (select from telemetry.held h where h.use_case_key = t.use_case_key and t.begun_at between h.from_at - interval '1 day' and h.until_at)
            """, cancellation);
        var oldestUser = DateOnly.FromDateTime(now.UtcDateTime).AddDays(-TelemetryRetention.KeepUsersDays);
        await db.Database.ExecuteSqlAsync($"delete from telemetry.active_user where day < {oldestUser}", cancellation);
        await db.Database.ExecuteSqlAsync($"delete from telemetry.metric_series where updated_at < {now - KeepSeriesFor}", cancellation);
        return new RetainedCalls(dropped, forgotten);
    }

    private static async Task<long> ForgetNamesAsync(GovernanceDb db, DateTimeOffset before, CancellationToken cancellation)
    {
        // Read from end to end: an index by age would cost every call that comes in more than this costs a few times a day.
        // An id begins with the milliseconds at which it was given (RFC 9562, version 7).
        var first = Guid.Parse($"{before.ToUnixTimeMilliseconds():x12}".Insert(8, "-") + "-7000-8000-000000000000");
        var (forgotten, last) = (0L, 0);
        do
        {
            last = await db.Database.ExecuteSqlAsync(
                $"delete from telemetry.call_alias where alias in (select alias from telemetry.call_alias where call_id < {first} limit {AtOnce})", cancellation);
            forgotten += last;
        }
        while (last == AtOnce);
        return forgotten;
    }
}
