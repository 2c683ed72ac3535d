using CoEPortal.Governance.Access;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Dpia;

/// <summary>All assessments that somebody may see, and the start of another.</summary>
public sealed partial class DpiasPage(CurrentActor current, DpiaLibrary library, WriteDpia write, NavigationManager navigation, ILogger<DpiasPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<DpiaRow>? _page;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayWrite;
    private string _useCase = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private DpiaFilter Filter => new(Query["useCase"], Query.Has("open"), Query["search"]);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor) = (Filter, await current.GetAsync());
            var page = await library.PageAsync(filter, actor, Query.Page, PageSize);
            if (filter == Filter)
            {
                (_page, _failure, _mayWrite) = (page, null, AccessPolicy.Allows(actor, Permission.WriteDpias));
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task StartAsync()
    {
        string? key = null;
        if (await _attempt!.RunAsync(async () => key = (await write.StartAsync(_useCase.Trim().ToUpperInvariant(), await current.GetAsync())).Key))
        {
            navigation.NavigateTo($"/dpias/{key}/edit");
        }
    }
}
