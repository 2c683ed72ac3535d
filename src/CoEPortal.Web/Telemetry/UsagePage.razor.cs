using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Telemetry;

/// <summary>What was used and what it cost, told apart by use case, department, model or gateway.</summary>
public sealed partial class UsagePage(CurrentActor current, UsageBreakdown usage, OrphanTraffic orphans, UseCaseList useCases, ILogger<UsagePage> log) : ComponentBase
{
    private const int PageSize = 20;
    private const int DefaultDays = 30;

    private static readonly (int Days, string Name)[] Periods = [(1, "24 hours"), (7, "7 days"), (30, "30 days"), (90, "90 days")];

    private IReadOnlyList<UsageSum>? _rows;
    private IReadOnlyList<UsageMoment> _moments = [];
    private Dictionary<string, string> _titles = [];
    private Failure? _failure;
    private Actor? _reader;
    private int _orphans;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    [Inject]
    public TimeProvider Time { get; set; } = default!;

    private UsageDimension By => Query.Choice<UsageDimension>("by") ?? UsageDimension.UseCase;

    private int Days => int.TryParse(Query["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && Periods.Any(p => p.Days == days) ? days : DefaultDays;

    private string Scope => _reader is not null && AccessPolicy.OnlyOwnUnit(_reader, Permission.ReadUseCases)
        ? $"Of {_reader.BusinessUnit}, and of those you wrote"
        : "All business units";

    private LatencyHistogram Merged => new(
        [.. Enumerable.Range(0, LatencyHistogram.Buckets).Select(b => _rows!.Sum(r => b < r.Latency.Counts.Count ? r.Latency.Counts[b] : 0))]);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (by, days) = (By, Days);
            var (from, to) = (Time.GetUtcNow().AddDays(-days), Time.GetUtcNow().AddMinutes(1));
            _reader = await current.GetAsync();
            var rows = await usage.ByAsync(by, from, to, _reader);
            var moments = await usage.OverTimeAsync(from, to, _reader);
            var titles = by is UsageDimension.UseCase ? await useCases.TitlesAsync(_reader, [.. rows.Select(r => r.Key)]) : [];
            _orphans = await orphans.CountAsync(_reader);
            // A slower answer to an earlier question must not replace this one.
            if ((by, days) == (By, Days))
            {
                (_rows, _moments, _titles, _failure) = (rows, moments, titles, null);
            }
        }
        catch (Exception exception)
        {
            (_failure, _rows) = (Failure.Of(exception, log), null);
        }
    }

    private long Sum(Func<UsageSum, long> of) => _rows!.Sum(of);

    private decimal Sum(Func<UsageSum, decimal> of) => _rows!.Sum(of);

    private string Share(long part, string what) => Sum(r => r.Calls) == 0 || part == 0 ? $"none {what}" : $"{Share(part, Sum(r => r.Calls))} {what}";

    private static string Share(long part, long of) => part == 0 ? InWords.Missing : InWords.Percent((decimal)part / of, 1);

    private static string Latency(TimeSpan? latency) => latency is not { } known ? InWords.Missing
        : known.TotalSeconds < 1 ? $"{known.TotalMilliseconds:N0} ms" : $"{known.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s";

    internal static string Word(UsageDimension dimension) => dimension is UsageDimension.UseCase ? "useCase" : dimension.ToString().ToLowerInvariant();

    private static string Name(UsageDimension dimension) => dimension is UsageDimension.UseCase ? "Use case" : dimension.ToString();
}
