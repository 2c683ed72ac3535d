using System.Globalization;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Telemetry;

/// <summary>How a budget burns down, in words.</summary>
public static class BudgetWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    public static string Period(BudgetBurn burn) => burn.Criterion.Criterion.Window switch
    {
        KillCriterionWindow.Day => "today",
        KillCriterionWindow.Month => burn.StartsOn.ToString("MMMM", English),
        _ => "in total",
    };

    /// <summary>The finding, as a title.</summary>
    public static string Finding(BudgetBurn burn) => burn switch
    {
        { Left: 0 } => $"The budget of {CostInWords.Of(burn.Criterion.Limit)} is used up",
        { Forecast.RunsOutOn: { } day, EndsOn: { } end } when end.DayNumber > day.DayNumber => $"Budget runs out {Day(day)}, {InWords.Count(end.DayNumber - day.DayNumber, "day")} early",
        { Forecast.RunsOutOn: { } day } => $"Budget runs out {Day(day)}",
        { Forecast: not null, EndsOn: { } end } => $"Budget lasts until the end of {end.ToString("MMMM", English)}",
        { Forecast: not null } => "Budget lasts for more than a year",
        _ => $"{CostInWords.Of(burn.Spent)} of {CostInWords.Of(burn.Criterion.Limit)} spent {Period(burn)}",
    };

    /// <summary>When it runs out, for a row of a table.</summary>
    public static string RunsOut(BudgetBurn burn) => burn switch
    {
        { Left: 0 } => "used up",
        { Forecast: null, Criterion.Criterion.Window: KillCriterionWindow.Day } => "starts again tomorrow",
        { Forecast: null } => "too little data",
        { Forecast.RunsOutOn: { } day } => Day(day),
        { EndsOn: not null } => "not this month",
        _ => "not within a year",
    };

    /// <summary>24 Nov to 1 Dec; null when there is no range to show.</summary>
    public static string? Range(BudgetBurn burn) => burn switch
    {
        { Left: 0 } or { Forecast: null } or { Forecast.EarliestOn: null } => null,
        { Forecast: { EarliestOn: { } earliest, LatestOn: { } latest } } => earliest == latest ? null : $"{Day(earliest)} to {Day(latest)}",
        { Forecast.EarliestOn: { } earliest } => $"{Day(earliest)} at the earliest",
        _ => null,
    };

    /// <summary>How the forecast is made, or why there is none.</summary>
    public static string Method(BudgetBurn burn) => burn switch
    {
        { Criterion.Criterion.Window: KillCriterionWindow.Day } => "A budget of a day starts again at midnight, so nothing is forecast.",
        { Forecast: { } f } => $"Forecast: the mean of the last {BudgetForecast.MeanDays} whole days, {CostInWords.Of(f.PerDay)} a day. Range: the cheapest and the dearest seven days in a row of the last {Math.Min(burn.KnownDays, BudgetForecast.LooksBackDays)}, {CostInWords.Of(f.LowestPerDay)} and {CostInWords.Of(f.HighestPerDay)} a day.",
        { KnownDays: >= BudgetForecast.MeanDays } => $"Too little data for a forecast: nothing was spent in the last {BudgetForecast.MeanDays} days.",
        _ => $"Too little data for a forecast: {BudgetForecast.MeanDays} whole days are needed, there {(burn.KnownDays == 1 ? "is" : "are")} {burn.KnownDays}.",
    };

    public static string Day(DateOnly day) => day.ToString("d MMM", English);
}
