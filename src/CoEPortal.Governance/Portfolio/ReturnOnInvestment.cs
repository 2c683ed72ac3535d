using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Portfolio;

public enum ReturnVerdict
{
    /// <summary>Nobody stated what a unit of the KPI is worth.</summary>
    NotStated,

    /// <summary>The lift has no interval, or too few cases stand behind it.</summary>
    NotEnoughReadings,

    /// <summary>The range reaches from a loss to a gain.</summary>
    CannotTell,
    Gain,
    Loss,
}

/// <summary>
/// What a use case was worth in money against doing the work without AI: the measured lift for every case since a day, less calls,
/// running costs and building. A range, since the lift is one; without a range there is no figure at all.
/// </summary>
/// <param name="Worth">Null: not stated.</param>
/// <param name="Until">The last day that counts.</param>
/// <param name="Spend">Of calls since the day from which it counts, as telemetry priced them.</param>
/// <param name="UnpricedCalls">Not in the spend.</param>
/// <param name="Running">Stated running costs of the period.</param>
public sealed record ReturnOnInvestment(
    KpiWorth? Worth, Lift Lift, DateOnly Until, decimal Spend, long UnpricedCalls, decimal Running, decimal BuildOnce, decimal? ValueLow, decimal? ValueHigh)
{
    public const string DoesNotProve =
        "It does not prove that AI caused the difference, unless chance decided which cases were done with it. It takes the lift of the measured cases for all cases, " +
        "and the worth of a unit, the number of cases and the other costs as they were stated. Of calls it knows those that were reported and priced.";

    private const int MonthsInAYear = 12;
    private const decimal DaysInAYear = 365;

    public decimal Costs => Spend + Running + BuildOnce;

    public decimal? NetLow => ValueLow - Costs;

    public decimal? NetHigh => ValueHigh - Costs;

    public ReturnVerdict Verdict => Worth is null ? ReturnVerdict.NotStated
        : NetLow is not { } low || NetHigh is not { } high ? ReturnVerdict.NotEnoughReadings
        : low > 0 ? ReturnVerdict.Gain
        : high < 0 ? ReturnVerdict.Loss
        : ReturnVerdict.CannotTell;

    public static ReturnOnInvestment Of(Kpi kpi, Lift lift, KpiWorth? worth, decimal spend, long unpricedCalls, DateOnly today)
    {
        if (worth is null)
        {
            return new(null, lift, today, spend, unpricedCalls, 0, 0, null, null);
        }

        var months = (today.DayNumber - worth.CountedFrom.DayNumber) * MonthsInAYear / DaysInAYear;
        var (low, high) = GainOf(kpi, lift);
        return new(
            worth, lift, today, spend, unpricedCalls, Money(worth.RunningPerMonth * months), worth.BuildOnce,
            Money(low * worth.PerUnit * worth.CasesPerMonth * months), Money(high * worth.PerUnit * worth.CasesPerMonth * months));
    }

    // Units for a case in the direction that was promised; more of what should fall is a loss.
    private static (decimal? Low, decimal? High) GainOf(Kpi kpi, Lift lift)
    {
        if (lift is not { Low: { } low, High: { } high, Without: { } without, With: { } with } || kpi is not { Baseline: { } baseline, Target: { } target }
            || Math.Min(without.Sample, with.Sample) < Lift.LeastSample)
        {
            return (null, null);
        }

        return target < baseline ? ((decimal)-high, (decimal)-low) : ((decimal)low, (decimal)high);
    }

    private static decimal Money(decimal amount) => Math.Round(amount, 2, MidpointRounding.AwayFromZero);

    private static decimal? Money(decimal? amount) => amount is { } known ? Money(known) : null;
}
