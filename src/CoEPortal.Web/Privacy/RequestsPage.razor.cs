using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Privacy;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Privacy;

/// <summary>Requests to erase people: what waits for a second person, and what became of the others.</summary>
public sealed partial class RequestsPage(
    CurrentActor current, ErasureRequests requests, AskErasure ask, DialogService dialogs, ILogger<RequestsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<ErasureRow>? _page;
    private Actor? _actor;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string? Me => _actor?.Id.Value;

    private bool MayErase => _actor is { } actor && AccessPolicy.Allows(actor, Permission.ErasePeople);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            (_page, _failure) = (await requests.PageAsync(_actor, Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task CarryOutAsync(ErasureRow row)
    {
        await dialogs.OpenAsync<CarryOutDialog>($"Erase {row.Person}?", new() { [nameof(CarryOutDialog.Row)] = row }, new() { Width = "38rem", AutoFocusFirstElement = false });
        await LoadAsync();
    }

    private async Task TakeBackAsync(ErasureRow row)
    {
        await ReasonDialog.OpenAsync(
            dialogs, $"Take back the request to erase {row.Person}?", "They stay as they are. Somebody can ask again.", "Take back",
            async reason => await ask.TakeBackAsync(row.Erasure.Id, reason, await current.GetAsync()), "Request taken back");
        await LoadAsync();
    }
}
