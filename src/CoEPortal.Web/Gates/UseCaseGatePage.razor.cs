using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Gates;

/// <summary>The gate of one use case: what is asked, where each artefact stands, and all that pipelines reported.</summary>
public sealed partial class UseCaseGatePage(CurrentActor current, GateBoard board, DialogService dialogs, NavigationManager navigation, ILogger<UseCaseGatePage> log) : ComponentBase
{
    private const int PageSize = 20;

    private UseCaseGate? _gate;
    private Page<GateResult>? _results;
    private Failure? _failure;
    private bool _maySet;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            (_gate, _results, _failure) = (await board.OfAsync(Key, actor), await board.ResultsAsync(Key, actor, Query.Page, PageSize), null);
            _maySet = AccessPolicy.Allows(actor, Permission.DecideReviews);
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
        catch (Exception exception)
        {
            (_gate, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task SetAsync()
    {
        await dialogs.OpenAsync<SetMetricDialog>($"Ask more of {Key}", new() { [nameof(SetMetricDialog.UseCaseKey)] = Key }, new() { Width = "36rem" });
        await LoadAsync();
    }
}
