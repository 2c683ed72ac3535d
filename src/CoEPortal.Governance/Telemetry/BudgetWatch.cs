using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.Telemetry;

/// <summary>
/// Keeps what is spent of each approved budget, by event time, and engages the use case's own switch when one is
/// reached. Runs in the transaction that counts.
/// </summary>
internal sealed class BudgetWatch(Organisation organisation, TimeProvider clock)
{
    private sealed record Budget(string UseCaseKey, int Revision, int Number, KillCriterion Criterion);

    /// <summary>What reached the limit, by event time, and the spend with it.</summary>
    private sealed record Breach(UsageChange By, decimal Spent);

    public async Task AddAsync(GovernanceDb db, NpgsqlConnection connection, IReadOnlyCollection<UsageChange> changes, CancellationToken cancellation)
    {
        var costly = changes.Where(c => c.UseCase is not null && c.Cost != 0)
            .OrderBy(c => c.At).ThenBy(c => c.Cause, StringComparer.Ordinal).ToLookup(c => c.UseCase!);
        var keys = costly.Select(c => c.Key).ToList();
        if (keys.Count == 0)
        {
            return;
        }

        foreach (var useCase in await db.UseCases.AsNoTracking()
            .Where(u => keys.Contains(u.Key) && u.ApprovedRevision != null).OrderBy(u => u.Key)
            .Select(u => new
            {
                u.Key,
                Revision = u.ApprovedRevision!.Value,
                u.Revisions.Single(r => r.Number == u.ApprovedRevision).Proposal,
            }).ToListAsync(cancellation))
        {
            foreach (var (criterion, index) in useCase.Proposal.KillCriteria.Select((c, i) => (c, i)).Where(c => c.c.Kind is KillCriterionKind.Budget))
            {
                var budget = new Budget(useCase.Key, useCase.Revision, index + 1, criterion);
                foreach (var window in costly[useCase.Key].GroupBy(c => WindowOf(criterion.Window, c.At)).OrderBy(w => w.Key))
                {
                    if (await SpendAsync(connection, budget, window.Key, [.. window], cancellation) is { } breach)
                    {
                        await StopAsync(db, connection, budget, window.Key, breach, cancellation);
                    }
                }
            }
        }
    }

    /// <summary>Adds to the window's spend. A late call counts in the window in which it was made.</summary>
    private static async Task<Breach?> SpendAsync(
        NpgsqlConnection connection, Budget budget, DateTimeOffset window, List<UsageChange> changes, CancellationToken cancellation)
    {
        var added = changes.Sum(c => c.Cost);
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
        if (total < budget.Criterion.Limit)
        {
            return null;
        }

        var running = total - added;
        foreach (var change in changes)
        {
            running += change.Cost;
            if (running >= budget.Criterion.Limit)
            {
                return new Breach(change, running);
            }
        }

        throw new InvalidOperationException("The spend of a window reached its limit without a call that did so.");
    }

    private async Task StopAsync(
        GovernanceDb db, NpgsqlConnection connection, Budget budget, DateTimeOffset window, Breach breach, CancellationToken cancellation)
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
        Add(first, breach.By.Cause);
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
            db, SwitchScope.UseCase, budget.UseCaseKey, SwitchMode.Stop,
            FormattableString.Invariant($"K{budget.Number} {name}: ${breach.Spent:0.00####} spent, limit ${budget.Criterion.Limit:0.00####}, reached by the call of {breach.By.At.UtcDateTime:yyyy-MM-dd HH:mm:ss.ffffff} UTC ({breach.By.Cause})"),
            "Its budget is used up.", Actor.Rule($"budget-k{budget.Number}"), now, cancellation);
    }

    private DateTimeOffset WindowOf(KillCriterionWindow window, DateTimeOffset at)
    {
        var day = organisation.DayOf(at);
        return window switch
        {
            KillCriterionWindow.Day => organisation.StartOf(day),
            KillCriterionWindow.Month => organisation.StartOf(new DateOnly(day.Year, day.Month, 1)),
            _ => DateTimeOffset.UnixEpoch,
        };
    }

    private static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
}
