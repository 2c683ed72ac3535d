using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Import;

/// <summary>The history of imports.</summary>
public sealed partial class ImportsPage(CurrentActor current, ImportHistory history, NavigationManager navigation, ILogger<ImportsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<ImportRun>? _page;
    private Failure? _failure;
    private bool _mayImport;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            _mayImport = AccessPolicy.Allows(actor, Permission.ImportUseCases);
            (_page, _failure) = (await history.RunsAsync(actor, Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_failure, _page) = (Failure.Of(exception, log), null);
        }
    }
}
