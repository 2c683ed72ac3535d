using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Workflows;

/// <summary>Every review that was started: on what it runs, whom it waits for, what went wrong.</summary>
public sealed partial class LanesPage(CurrentActor current, LaneList lanes, WorkflowCatalogue catalogue, ILogger<LanesPage> log) : ComponentBase
{
    private const int PageSize = 20;
    private static readonly IReadOnlyList<Crumb> Way = [new("Workflows", "/workflows")];

    private Page<LaneRow>? _page;
    private Dictionary<string, string> _names = [];
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private LaneFilter Filter => new(Query["search"], Query.Choice<LaneStatus>("status"), Query["definition"], Query.Has("incident"));

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var filter = Filter;
            var reader = await current.GetAsync();
            var page = await lanes.OfAsync(filter, reader, Query.Page, PageSize);
            var names = (await catalogue.InForceAsync(reader)).ToDictionary(w => w.Newest.DefinitionId, w => DiagramWords.NameOf(w.Definition));
            // A slower answer to an earlier question must not replace this one.
            if (filter == Filter)
            {
                (_page, _names, _failure) = (page, names, null);
            }
        }
        catch (Exception exception)
        {
            (_failure, _page) = (Failure.Of(exception, log), null);
        }
    }
}
