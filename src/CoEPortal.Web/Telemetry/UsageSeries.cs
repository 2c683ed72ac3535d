using CoEPortal.Governance.Access;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Telemetry;

public enum Measure { Cost, Calls }

/// <summary>One column of the chart, at the organisation's local time.</summary>
public sealed record UsageBar(DateTime At, string Label, decimal Cost, long Calls);

/// <summary>What a use case used over time, without gaps, and the sentence that says what it shows.</summary>
public sealed class UsageSeries
{
    private const int MostBars = 90;

    private readonly string _unit;

    /// <param name="dailyLimit">The smallest budget of a day, if one was promised.</param>
    public UsageSeries(string unit, IReadOnlyList<UsagePoint> points, Organisation organisation, DateTimeOffset now, decimal? dailyLimit)
    {
        _unit = unit;
        Limit = unit == "day" ? dailyLimit : null;
        Bars = points.Count == 0 ? [] : Fill(points, organisation, now);
    }

    public IReadOnlyList<UsageBar> Bars { get; }

    /// <summary>Of a day, in dollars; null when there is none or the columns are no days.</summary>
    public decimal? Limit { get; }

    public bool IsOver(UsageBar bar) => Limit is { } limit && bar.Cost >= limit;

    public string Span => _unit switch
    {
        "minute" => InWords.Count(Bars.Count, "minute"),
        "hour" => InWords.Count(Bars.Count, "hour"),
        _ => InWords.Count(Bars.Count, "day"),
    };

    public string PerUnit => $"per {_unit}";

    /// <summary>What the chart shows, as its title.</summary>
    public string Finding(Measure measure)
    {
        if (measure is Measure.Cost && Limit is { } limit)
        {
            var over = Bars.Count(IsOver);
            var highest = Bars.MaxBy(b => b.Cost)!;
            return over > 0
                ? $"Cost passed its daily limit on {InWords.Count(over, "day")}"
                : $"Cost stayed within its daily limit, highest {InWords.Percent(highest.Cost / limit)} on {highest.Label}";
        }

        var total = measure is Measure.Cost ? CostInWords.Of(Bars.Sum(b => b.Cost)) : InWords.Count(Bars.Sum(b => b.Calls), "call");
        if (_unit != "day" || Bars.Count < 15)
        {
            return $"{total} in {Span}";
        }

        // Whole weeks, without today, which has not ended.
        var (last, before) = (Week(1), Week(8));
        var noun = measure.ToString();
        return before == 0 ? $"{total} in {Span}" : (last / before) switch
        {
            > 1.05m => $"{noun} rose {InWords.Percent(last / before - 1)} against the week before",
            < 0.95m => $"{noun} fell {InWords.Percent(1 - last / before)} against the week before",
            _ => $"{noun} {(measure is Measure.Cost ? "is" : "are")} level with the week before",
        };

        decimal Week(int from) => Bars.SkipLast(from).TakeLast(7).Sum(b => measure is Measure.Cost ? b.Cost : b.Calls);
    }

    private List<UsageBar> Fill(IReadOnlyList<UsagePoint> points, Organisation organisation, DateTimeOffset now)
    {
        var known = points.ToDictionary(p => p.Start.ToUniversalTime());
        var bars = new List<UsageBar>();
        // A quiet day is a column of nought: a gap left out would make two busy days neighbours.
        for (var at = points[0].Start.ToUniversalTime(); at <= now && (bars.Count < MostBars || at <= points[^1].Start); at = Next(at, organisation))
        {
            var point = known.GetValueOrDefault(at);
            var local = TimeZoneInfo.ConvertTime(at, organisation.Zone).DateTime;
            bars.Add(new UsageBar(local, LabelOf(local), point?.Cost ?? 0, point?.Calls ?? 0));
        }

        return [.. bars.TakeLast(MostBars)];
    }

    private DateTimeOffset Next(DateTimeOffset at, Organisation organisation) => _unit switch
    {
        "minute" => at.AddMinutes(1),
        "hour" => at.AddHours(1),
        _ => organisation.StartOf(organisation.DayOf(at).AddDays(1)).ToUniversalTime(),
    };

    public string LabelOf(DateTime local) => local.ToString(_unit switch { "minute" => "HH:mm", "hour" => "ddd HH:mm", _ => "d MMM" }, CostInWords.English);
}
