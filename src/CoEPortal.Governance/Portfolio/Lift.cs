using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Portfolio;

public enum LiftVerdict
{
    /// <summary>Nothing was measured with AI yet.</summary>
    NotMeasured,

    /// <summary>The difference could be chance, or its spread is not known.</summary>
    CannotTell,
    Better,
    Worse,
}

/// <summary>All readings of one arm as one.</summary>
/// <param name="Deviation">Of single cases; null when one reading does not know it.</param>
public sealed record ArmFigures(double Mean, double? Deviation, long Sample);

/// <summary>
/// What AI changed against doing it without: the difference, what it could be by chance, and of how many cases. An
/// interval is only given where the spread of both arms is known; a baseline that was only promised has none.
/// </summary>
/// <param name="Without">Null: nobody measured it without AI, and the promised baseline stands in.</param>
/// <param name="Low">Lower end of the 95 % interval of the difference (Welch).</param>
public sealed record Lift(ArmFigures? Without, ArmFigures? With, double? Difference, double? Low, double? High, LiftVerdict Verdict)
{
    /// <summary>Fewer cases than this in an arm decide nothing.</summary>
    public const int LeastSample = 20;

    public static Lift Of(Kpi kpi, IEnumerable<KpiReading> readings)
    {
        var standing = readings.Where(r => r.WithdrawnAt is null).ToLookup(r => r.Arm);
        return Of(kpi, Pool([.. standing[Arm.WithoutAi]]), Pool([.. standing[Arm.WithAi]]));
    }

    internal static Lift Of(Kpi kpi, ArmFigures? without, ArmFigures? with)
    {
        var baseline = without?.Mean ?? (double?)kpi.Baseline;
        if (with is null || baseline is null)
        {
            return new(without, with, null, null, null, LiftVerdict.NotMeasured);
        }

        var difference = with.Mean - baseline.Value;
        if (without is not { Deviation: { } before } || with.Deviation is not { } after || Math.Min(without.Sample, with.Sample) < 2)
        {
            return new(without, with, difference, null, null, LiftVerdict.CannotTell);
        }

        var (a, b) = (before * before / without.Sample, after * after / with.Sample);
        var margin = a + b == 0 ? 0 : T95((a + b) * (a + b) / (a * a / (without.Sample - 1) + b * b / (with.Sample - 1))) * Math.Sqrt(a + b);
        var (low, high) = (difference - margin, difference + margin);
        var wantsLess = kpi.Target < kpi.Baseline;
        var verdict = low <= 0 && high >= 0 || Math.Min(without.Sample, with.Sample) < LeastSample || kpi.Target is null ? LiftVerdict.CannotTell
            : high < 0 == wantsLess ? LiftVerdict.Better : LiftVerdict.Worse;
        return new(without, with, difference, low, high, verdict);
    }

    // Of several means the mean of all cases, and of several spreads that of all cases: within readings and between them.
    private static ArmFigures? Pool(IReadOnlyList<KpiReading> readings)
    {
        if (readings.Count == 0)
        {
            return null;
        }

        var sample = readings.Sum(r => (long)r.Sample);
        var mean = readings.Sum(r => (double)r.Mean * r.Sample) / sample;
        if (sample < 2 || readings.Any(r => r.Deviation is null && r.Sample > 1))
        {
            return new(mean, null, sample);
        }

        var squares = readings.Sum(r => Math.Pow((double)(r.Deviation ?? 0), 2) * (r.Sample - 1) + r.Sample * Math.Pow((double)r.Mean - mean, 2));
        return new(mean, Math.Sqrt(squares / (sample - 1)), sample);
    }

    /// <summary>Student's t, two-sided 95 %, by the expansion of Cornish and Fisher: within 0.5 % from 4 degrees of freedom on.</summary>
    internal static double T95(double freedom)
    {
        const double Z = 1.959964;
        var (z3, z5, z7) = (Math.Pow(Z, 3), Math.Pow(Z, 5), Math.Pow(Z, 7));
        return Z + (z3 + Z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * Z) / (96 * freedom * freedom) + (3 * z7 + 19 * z5 + 17 * z3 - 15 * Z) / (384 * Math.Pow(freedom, 3));
    }
}
