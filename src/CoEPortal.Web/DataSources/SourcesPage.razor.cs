using CoEPortal.Governance.Access;
using CoEPortal.Governance.DataSources;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.DataSources;

/// <summary>The register of data sources, and how they cross borders.</summary>
public sealed partial class SourcesPage(CurrentActor current, SourceRegister register, DialogService dialogs, ILogger<SourcesPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<DataSource>? _page;
    private Failure? _failure;
    private bool _mayManage;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private SourceFilter Filter => new(Query.Choice<DataClass>("class"), Query.Has("flows"), Query["search"]);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor) = (Filter, await current.GetAsync());
            var page = await register.PageAsync(filter, actor, Query.Page, PageSize);
            if (filter == Filter)
            {
                (_page, _failure, _mayManage) = (page, null, AccessPolicy.Allows(actor, Permission.ManageDataSources));
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task RegisterAsync()
    {
        await dialogs.OpenAsync<SourceDialog>("Register a data source", null, new() { Width = "48rem" });
        await LoadAsync();
    }
}
