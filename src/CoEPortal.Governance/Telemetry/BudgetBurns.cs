using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>A budget in force and how it burns down.</summary>
/// <param name="Title">Of the use case.</param>
/// <param name="Criterion">With the limit in force.</param>
/// <param name="Spent">In the period that runs now, as it is enforced.</param>
/// <param name="StartsOn">The first day of the period, or of what is shown of a budget in total.</param>
/// <param name="EndsOn">The last day of the period; null for a budget in total.</param>
/// <param name="Days">From the first day to today.</param>
/// <param name="KnownDays">Whole days since its first call, at most 28.</param>
/// <param name="Forecast">Null when too little is known, and for a budget of a day.</param>
public sealed record BudgetBurn(
    string Title, WatchedCriterion Criterion, decimal Spent, DateOnly StartsOn, DateOnly? EndsOn, IReadOnlyList<BudgetDay> Days, int KnownDays, BudgetForecast? Forecast)
{
    public decimal Left => Math.Max(0, Criterion.Limit - Spent);
}

/// <summary>Budgets of everything approved that somebody may read: what is spent, what is left, and until when it lasts.</summary>
public sealed class BudgetBurns(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    private const int MostUseCases = 500;
    private const int MostDays = 92;

    /// <param name="reader">Sees the use cases that they may read.</param>
    /// <param name="useCaseKey">One only; null for all.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <returns>What runs out first, first; then what is used most.</returns>
    public async Task<IReadOnlyList<BudgetBurn>> ForAsync(Actor reader, string? useCaseKey = null, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (me, unit, onlyOwn) = (reader.Id.Value, reader.BusinessUnit, AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases));
        var titles = await db.UseCases.AsNoTracking()
            .Where(u => u.ApprovedRevision != null && u.Stage != Stage.Retired && (useCaseKey == null || u.Key == useCaseKey)
                && (!onlyOwn || unit != "" && u.BusinessUnit == unit || u.Editors.Contains(me)))
            .OrderBy(u => u.Key).Take(MostUseCases).Select(u => new { u.Key, u.Title }).ToDictionaryAsync(u => u.Key, u => u.Title, cancellation);
        var budgets = (await WatchedCriterion.OfAsync(db, titles.Keys, cancellation)).Where(c => c.Criterion.Kind is KillCriterionKind.Budget).ToList();
        var keys = budgets.Select(b => b.UseCaseKey).Distinct().ToList();
        var today = organisation.DayOf(clock.GetUtcNow());
        var costs = (await db.Database.SqlQuery<DayRow>(
            $"""
            select use_case_key "UseCase", (hour at time zone {organisation.TimeZone})::date "Day", sum(cost) "Cost" from telemetry.usage_hour
            where use_case_key = any ({keys}) and hour >= {organisation.StartOf(today.AddDays(-MostDays))} group by 1, 2
            """).ToListAsync(cancellation)).ToLookup(r => r.UseCase);
        var spends = await NewestSpend.OfAsync(db, keys, cancellation);
        return
        [
            .. budgets.Select(b => BurnOf(titles[b.UseCaseKey], b, costs[b.UseCaseKey].ToDictionary(c => c.Day, c => c.Cost), spends.GetValueOrDefault((b.UseCaseKey, b.Revision, b.Number)), today))
                .OrderBy(b => b.Forecast?.RunsOutOn ?? DateOnly.MaxValue).ThenByDescending(b => b.Criterion.Limit > 0 ? b.Spent / b.Criterion.Limit : 0)
                .ThenBy(b => b.Criterion.UseCaseKey, StringComparer.Ordinal).ThenBy(b => b.Criterion.Number),
        ];
    }

    private BudgetBurn BurnOf(string title, WatchedCriterion budget, Dictionary<DateOnly, decimal> costs, NewestSpend? newest, DateOnly today)
    {
        var window = budget.Criterion.Window;
        var start = BudgetWatch.WindowOf(organisation, window, clock.GetUtcNow());
        var firstDay = costs.Count > 0 ? costs.Keys.Min() : today;
        var startsOn = window is KillCriterionWindow.Total ? firstDay : organisation.DayOf(start);
        DateOnly? endsOn = BudgetWatch.EndOf(organisation, window, start) is { } end ? organisation.DayOf(end).AddDays(-1) : null;
        // The newest period with a spend may be over: then nothing is spent of the one that runs now.
        var spent = newest is not null && newest.WindowStart == start ? newest.Cost : 0;
        var lookFrom = firstDay > today.AddDays(-BudgetForecast.LooksBackDays) ? firstDay : today.AddDays(-BudgetForecast.LooksBackDays);
        var known = Days(lookFrom, today.AddDays(-1), costs).Select(d => d.Cost).ToList();
        return new BudgetBurn(
            title, budget, spent, startsOn, endsOn, [.. Days(startsOn, today, costs)], known.Count,
            window is KillCriterionWindow.Day ? null : BudgetForecast.Of(known, budget.Limit - spent, today, endsOn));
    }

    private static IEnumerable<BudgetDay> Days(DateOnly from, DateOnly to, Dictionary<DateOnly, decimal> costs) =>
        Enumerable.Range(0, Math.Max(0, to.DayNumber - from.DayNumber + 1)).Select(i => from.AddDays(i)).Select(day => new BudgetDay(day, costs.GetValueOrDefault(day)));

    private sealed record DayRow(string UseCase, DateOnly Day, decimal Cost);
}
