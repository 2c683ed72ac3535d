using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Portfolio;

/// <summary>The portfolio as far as its reader may see it, or with <c>?mine</c> what they wrote.</summary>
public sealed partial class UseCasesPage(
    CurrentActor current, UseCaseList list, ViewerClock clock, NavigationManager navigation, ILogger<UseCasesPage> log)
    : ComponentBase
{
    private const int PageSize = 20;
    private const int MostBubbles = 200;

    private Actor? _reader;
    private Page<UseCaseRow>? _page;
    private UseCaseCounts? _counts;
    private IReadOnlyList<Bubble> _bubbles = [];
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private UseCaseFilter Filter =>
        new(Query["search"], Query.Choice<Stage>("stage"), Query.Choice<Lane>("lane"), Query.Choice<RiskClass>("class"), Query.Has("mine"));

    private bool IsFiltered => Filter with { Mine = false } != new UseCaseFilter();

    private bool OwnUnitOnly => _reader is not null && AccessPolicy.OnlyOwnUnit(_reader, Permission.ReadUseCases);

    private string Heading => Query.Has("mine") ? "My proposals" : OwnUnitOnly ? "My use cases" : "Use cases";

    private string Scope => Query.Has("mine") ? "That you wrote or changed" : OwnUnitOnly ? $"Of {_reader!.BusinessUnit}, and those you wrote" : "All business units";

    // The chart shows the last changed; when there are more, it says so. What came from an inventory has a lane but is not judged.
    private int Judged => _bubbles.Count < MostBubbles ? _bubbles.Count : _counts?.Lanes.Values.Sum() is { } judged && Filter.Stage is null && Filter.Lane is null ? judged : _page?.Total ?? 0;

    private (UseCaseSort Column, bool Descending) Sort => Query[QueryState.SortParameter] is { } text
        && Enum.TryParse<UseCaseSort>(text.TrimStart('-').Replace("ChangedAt", "Changed", StringComparison.Ordinal), out var column)
            ? (column, text.StartsWith('-'))
            : (UseCaseSort.Changed, true);

    private string SortedBy => Sort switch
    {
        (UseCaseSort.Changed, true) => "last change, newest first",
        (UseCaseSort.Changed, false) => "last change, oldest first",
        (UseCaseSort.Title, _) => "name",
        (UseCaseSort.Value or UseCaseSort.Risk, var falling) => $"{Sort.Column.ToString().ToLowerInvariant()}, {(falling ? "highest" : "lowest")} first",
        var (column, _) => column.ToString().ToLowerInvariant(),
    };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var filter = Filter;
            _reader = await current.GetAsync();
            var page = await list.ForAsync(_reader, filter, Sort.Column, Sort.Descending, Query.Page, PageSize);
            var counts = await list.CountsAsync(_reader, filter);
            var bubbles = await list.BubblesAsync(_reader, filter, clock.Now.AddDays(-30), MostBubbles);
            // A slower answer to an earlier question must not replace this one.
            if (filter == Filter)
            {
                (_page, _counts, _bubbles, _failure) = (page, counts, bubbles, null);
            }
        }
        catch (Exception exception)
        {
            (_failure, _page, _bubbles) = (Failure.Of(exception, log), null, []);
        }
    }

    private static string LinkTo(UseCaseRow row) => row is { Stage: Stage.Draft, IsMine: true } ? $"/propose/{row.Key}" : $"/use-cases/{row.Key}";

    private static string LaneName(Lane lane) => lane is Lane.NotAllowed ? "Not allowed" : lane.ToString();
}
