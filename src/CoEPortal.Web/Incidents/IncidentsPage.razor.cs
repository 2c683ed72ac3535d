using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Incidents;

/// <summary>What went wrong, how bad it is, and what is due next.</summary>
public sealed partial class IncidentsPage(CurrentActor current, IncidentList incidents, TimeProvider clock, ILogger<IncidentsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private static readonly IReadOnlyList<Choice<string>> SeverityChoices = [new("", "Any severity"), .. IncidentWords.Severities.Select(s => new Choice<string>(s.Value.ToString(), s.Title))];

    private static readonly IReadOnlyList<Choice<string>> SortChoices =
    [
        new(nameof(IncidentSort.Reported), "Newest first"), new(nameof(IncidentSort.Severity), "Worst first"), new(nameof(IncidentSort.State), "By state"), new(nameof(IncidentSort.Deadline), "Next deadline first"),
    ];

    private Page<IncidentRow>? _page;
    private IncidentCounts? _counts;
    private Failure? _failure;
    private DateTimeOffset _now;
    private bool _seesAll;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private IncidentFilter Filter => new(
        Query.Choice<IncidentState>("state"), Query.Choice<IncidentSeverity>("severity"), Query.Choice<IncidentCategory>("category"), Query["useCase"], Query.Has("open"), Query.Has("mine"), Query["search"]);

    private IncidentSort Sort => Query.Choice<IncidentSort>("sort") ?? IncidentSort.Reported;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, sort, reader) = (Filter, Sort, await current.GetAsync());
            var (page, counts) = (await incidents.PageAsync(filter, reader, sort, Query.Page, PageSize), await incidents.CountsAsync(filter, reader));
            // A slower answer to an earlier question must not replace this one.
            if ((filter, sort) == (Filter, Sort))
            {
                (_page, _counts, _failure, _now) = (page, counts, null, clock.GetUtcNow());
                _seesAll = !AccessPolicy.OnlyOwnUnit(reader, Permission.ReadIncidents);
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }
}
