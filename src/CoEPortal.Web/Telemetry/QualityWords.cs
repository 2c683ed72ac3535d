using System.Globalization;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Telemetry;

/// <summary>Figures of quality and their drift in words, no more exact than they are.</summary>
public static class QualityWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    public static string Name(DriftFigure figure) => figure switch
    {
        DriftFigure.CostPerCall => "Cost of a call",
        DriftFigure.LatencyP50 => "Latency, p50",
        DriftFigure.LatencyP95 => "Latency, p95",
        DriftFigure.FailedShare => "Failed calls",
        DriftFigure.GuardrailShare => "Guardrail hits",
        _ => "Unmetered calls",
    };

    /// <summary>Two significant digits of costs and latencies, which are known within five per cent; a tenth of a per cent of shares.</summary>
    public static string Figure(DriftFigure figure, decimal? value) => (figure, value) switch
    {
        (_, null) => InWords.Missing,
        (DriftFigure.CostPerCall, { } dollars) => $"${Rounded(dollars).ToString("0.00######", English)}",
        (DriftFigure.LatencyP50 or DriftFigure.LatencyP95, { } milliseconds) => Rounded(milliseconds) is var ms && ms < 1000
            ? $"{ms.ToString("0.#", English)} ms" : $"{(ms / 1000).ToString("0.#", English)} s",
        (_, { } share) => InWords.Percent(share, 1),
    };

    public static State Of(Drift drift) => drift.Verdict switch
    {
        DriftVerdict.Higher => new("Higher", "trending_up", Tone.Warning),
        DriftVerdict.Lower => new("Lower", "trending_down", Tone.Info),
        DriftVerdict.AsBefore => new("As before", "trending_flat", Tone.Good),
        _ => new("Too little to say", "help", Tone.Neutral),
    };

    private static decimal Rounded(decimal value)
    {
        if (value == 0)
        {
            return 0;
        }

        var unit = (decimal)Math.Pow(10, Math.Floor(Math.Log10((double)Math.Abs(value))) - 1);
        return Math.Round(value / unit) * unit;
    }
}
