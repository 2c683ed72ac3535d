namespace CoEPortal.Governance.Telemetry;

/// <summary>What a budget cost on a day of the organisation's zone.</summary>
public sealed record BudgetDay(DateOnly Day, decimal Cost);

/// <summary>
/// When a budget runs out, if it goes on as it went: at the mean of the last 14 whole days, and at the cheapest and the
/// dearest seven days in a row of the last 28. Whole weeks, because weekends are quiet. No more is known, so no more is said.
/// </summary>
/// <param name="PerDay">US dollars.</param>
/// <param name="LowestPerDay">Of the cheapest week.</param>
/// <param name="HighestPerDay">Of the dearest week.</param>
/// <param name="RunsOutOn">At the mean; null when not before the end of the period, or not within a year.</param>
/// <param name="EarliestOn">At the dearest week.</param>
/// <param name="LatestOn">At the cheapest week.</param>
public sealed record BudgetForecast(
    decimal PerDay, decimal LowestPerDay, decimal HighestPerDay, DateOnly? RunsOutOn, DateOnly? EarliestOn, DateOnly? LatestOn)
{
    public const int MeanDays = 14;
    public const int LooksBackDays = 28;

    private const int Week = 7;
    private const int FurthestDays = 366;

    /// <param name="costs">Of whole days one after the other, the newest last; days before the first call left out.</param>
    /// <param name="left">Of the budget.</param>
    /// <param name="today">From which it counts.</param>
    /// <param name="lastDay">Of the period; null for a budget in total.</param>
    /// <returns>Null when fewer than 14 whole days are known, or nothing was spent in them.</returns>
    public static BudgetForecast? Of(IReadOnlyList<decimal> costs, decimal left, DateOnly today, DateOnly? lastDay)
    {
        var recent = costs.TakeLast(LooksBackDays).ToList();
        if (recent.Count < MeanDays || recent.TakeLast(MeanDays).Sum() <= 0)
        {
            return null;
        }

        var weeks = Enumerable.Range(0, recent.Count - Week + 1).Select(start => recent.Skip(start).Take(Week).Sum() / Week).ToList();
        var mean = recent.TakeLast(MeanDays).Sum() / MeanDays;
        return new BudgetForecast(mean, weeks.Min(), weeks.Max(), OutAt(mean), OutAt(weeks.Max()), OutAt(weeks.Min()));

        DateOnly? OutAt(decimal perDay)
        {
            if (left <= 0)
            {
                return today;
            }

            var last = lastDay ?? today.AddDays(FurthestDays);
            return perDay > 0 && left / perDay <= last.DayNumber - today.DayNumber ? today.AddDays((int)(left / perDay)) : null;
        }
    }
}
