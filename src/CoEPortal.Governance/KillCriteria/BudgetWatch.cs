using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Npgsql;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>Adds the cost of calls to the budgets of their use cases, by event time, and stops with the call that reaches one.</summary>
internal sealed class BudgetWatch(Organisation organisation, TimeProvider clock)
{
    public async Task RunAsync(
        GovernanceDb db, NpgsqlConnection connection, IReadOnlyList<WatchedCriterion> criteria, IReadOnlyList<CountedUsage> usage, CancellationToken cancellation)
    {
        foreach (var budget in criteria.Where(c => c.Criterion.Kind is KillCriterionKind.Budget))
        {
            foreach (var window in usage.Where(u => u.UseCase == budget.UseCaseKey && u.Cost != 0).GroupBy(u => WindowOf(organisation, budget.Criterion.Window, u.At)).OrderBy(w => w.Key))
            {
                if (await SpendAsync(connection, budget, window.Key, [.. window], cancellation) is { } breach)
                {
                    await StopAsync(db, connection, budget, window.Key, breach, cancellation);
                }
            }
        }
    }

    /// <summary>What reached the limit, by event time, and the spend with it.</summary>
    private sealed record SpendBreach(CountedUsage By, decimal Spent);

    /// <summary>Adds to the window's spend. A late call counts in the window in which it was made.</summary>
    private static async Task<SpendBreach?> SpendAsync(
        NpgsqlConnection connection, WatchedCriterion budget, DateTimeOffset window, List<CountedUsage> usage, CancellationToken cancellation)
    {
        var added = usage.Sum(u => u.Cost);
        await using var spend = new NpgsqlCommand(
            """
            insert into telemetry.spend as s (use_case_key, revision, criterion, window_start, cost)
            values ($1, $2, $3, $4, $5)
            on conflict (use_case_key, revision, criterion, window_start) do update set cost = s.cost + $5
            returning cost
            """, connection);
        Add(spend, budget.UseCaseKey);
        Add(spend, budget.Revision);
        Add(spend, budget.Number);
        Add(spend, window.UtcDateTime);
        Add(spend, added);
        var total = (decimal)(await spend.ExecuteScalarAsync(cancellation))!;
        if (total < budget.Limit)
        {
            return null;
        }

        var running = total - added;
        foreach (var one in usage)
        {
            running += one.Cost;
            if (running >= budget.Limit)
            {
                return new SpendBreach(one, running);
            }
        }

        throw new InvalidOperationException("The spend of a window reached its limit without a call that did so.");
    }

    private async Task StopAsync(
        GovernanceDb db, NpgsqlConnection connection, WatchedCriterion budget, DateTimeOffset window, SpendBreach breach, CancellationToken cancellation)
    {
        // Once for a window: people who release it afterwards have seen the spend and decided.
        await using var first = new NpgsqlCommand(
            """
            update telemetry.spend set breached_at = $5, breached_by = $6
            where use_case_key = $1 and revision = $2 and criterion = $3 and window_start = $4 and breached_at is null
            """, connection);
        Add(first, budget.UseCaseKey);
        Add(first, budget.Revision);
        Add(first, budget.Number);
        Add(first, window.UtcDateTime);
        Add(first, breach.By.At.UtcDateTime);
        Add(first, breach.By.Id);
        if (await first.ExecuteNonQueryAsync(cancellation) == 0)
        {
            return;
        }

        var now = clock.GetUtcNow();
        var target = await EngageKillSwitch.FindLockedAsync(db, SwitchScope.UseCase, budget.UseCaseKey, now, cancellation);
        if (target.IsEngaged)
        {
            return;
        }

        var name = budget.Criterion.Window switch
        {
            KillCriterionWindow.Day => "Budget of a day",
            KillCriterionWindow.Month => "Budget of a month",
            _ => "Total budget",
        };
        await EngageKillSwitch.EngageAsync(
            db, SwitchScope.UseCase, budget.UseCaseKey, new Engagement(SwitchMode.Stop,
            FormattableString.Invariant($"K{budget.Number} {name}: ${breach.Spent:0.00####} spent, limit ${budget.Limit:0.00####}, reached by the call of {breach.By.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff} UTC ({breach.By.Id})"),
            "Its budget is used up."), Actor.Rule(budget.Rule), now, cancellation);
    }

    internal static DateTimeOffset WindowOf(Organisation organisation, KillCriterionWindow window, DateTimeOffset at)
    {
        var day = organisation.DayOf(at);
        return window switch
        {
            KillCriterionWindow.Day => organisation.StartOf(day),
            KillCriterionWindow.Month => organisation.StartOf(new DateOnly(day.Year, day.Month, 1)),
            _ => DateTimeOffset.UnixEpoch,
        };
    }

    /// <summary>When a window ends and the count starts again; null for a budget in total.</summary>
    internal static DateTimeOffset? EndOf(Organisation organisation, KillCriterionWindow window, DateTimeOffset start) => window switch
    {
        KillCriterionWindow.Day => organisation.StartOf(organisation.DayOf(start).AddDays(1)),
        KillCriterionWindow.Month => organisation.StartOf(organisation.DayOf(start).AddMonths(1)),
        _ => null,
    };

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
