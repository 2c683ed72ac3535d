using System.Globalization;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen.Blazor;

namespace CoEPortal.Web.Telemetry;

/// <summary>Latency, failures, guardrails and missing usage over time, and what has drifted against the time before.</summary>
public sealed partial class QualityPage(CurrentActor current, QualitySeries series, UseCaseList useCases, ViewerClock clock, ILogger<QualityPage> log) : ComponentBase
{
    private const int DefaultDays = 30;
    private const int MostUseCases = 200;

    private static readonly int[] Periods = [7, 30, 90];
    private static readonly IReadOnlyList<Crumb> Way = [new("Usage and cost", "/usage")];

    private Quality? _quality;
    private IReadOnlyList<Choice<string>> _choices = [];
    private IReadOnlyList<ChartLine> _latency = [];
    private IReadOnlyList<ChartLine> _shares = [];
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private int Days => Query.OneOf("days", Periods, DefaultDays);

    private string? Only => Query["useCase"];

    protected override async Task OnInitializedAsync()
    {
        var found = await useCases.ForAsync(await current.GetAsync(), new UseCaseFilter(), UseCaseSort.Title, false, 1, MostUseCases);
        _choices = [new("", "All use cases"), .. found.Items.Select(u => new Choice<string>(u.Key, $"{u.Title} {u.Key}"))];
    }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (days, only) = (Days, Only);
            var quality = await series.OfAsync(days, await current.GetAsync(), only);
            // A slower answer to an earlier question must not replace this one.
            if ((days, only) == (Days, Only))
            {
                (_quality, _failure) = (quality, null);
                _latency = [Latency("p50", "var(--c2)", 0.5, LineType.Solid), Latency("p95", "var(--c1)", 0.95, LineType.Dashed), Latency("p99", "var(--c3)", 0.99, LineType.Dotted)];
                _shares = [Share("Failed", "var(--bad)", s => s.FailedCalls, LineType.Solid), Share("Guardrail hits", "var(--c4)", s => s.GuardrailCalls, LineType.Dashed), Share("Unmetered", "var(--c3)", s => s.UnmeteredCalls, LineType.Dotted)];
            }
        }
        catch (Exception exception)
        {
            (_failure, _quality) = (Failure.Of(exception, log), null);
        }
    }

    private ChartLine Latency(string name, string stroke, double share, LineType dash) => new(name, stroke,
        [.. _quality!.Steps.Where(s => s.Sum.Latency.Count >= Drift.EnoughOfDay).Select(s => new ChartPoint(At(s), (decimal)s.Sum.Latency.Percentile(share)!.Value.TotalMilliseconds))], dash);

    private ChartLine Share(string name, string stroke, Func<UsageSum, long> of, LineType dash) => new(name, stroke,
        [.. _quality!.Steps.Where(s => s.Sum.Calls >= Drift.EnoughOfDay).Select(s => new ChartPoint(At(s), (decimal)of(s.Sum) / s.Sum.Calls))], dash);

    // Days are days of Greenwich; hours are told in the viewer's zone.
    private DateTime At(UsageMoment step) => Days > 7 ? step.Start.UtcDateTime : TimeZoneInfo.ConvertTime(step.Start, clock.Zone).DateTime;

    private string Label(DateTime at) => at.ToString(Days > 7 ? "d MMM" : "ddd HH:mm", CultureInfo.GetCultureInfo("en-GB"));

    private static string Finding(Quality quality) => quality.Drifts.Where(d => d.Verdict is DriftVerdict.Higher or DriftVerdict.Lower).ToList() switch
    {
        [] when quality.Drifts.All(d => d.Verdict is DriftVerdict.TooLittle) => "Too little to compare with the time before",
        [] => "Nothing has drifted against the time before",
        var drifted => $"{string.Join(", ", drifted.Select(d => QualityWords.Name(d.Figure)))} drifted against the time before",
    };

    private static string LatencyTitle(Quality quality) =>
        quality.Drifts.Single(d => d.Figure is DriftFigure.LatencyP95).Now is { } p95 ? $"95 of 100 calls end within {QualityWords.Figure(DriftFigure.LatencyP95, p95)}" : "Latency";

    private static string ShareTitle(Quality quality) =>
        quality.Drifts.Single(d => d.Figure is DriftFigure.FailedShare).Now is { } failed ? $"{InWords.Percent(failed, 1)} of calls failed" : "Failures";
}
