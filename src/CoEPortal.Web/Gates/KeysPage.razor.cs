using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Gates;

/// <summary>The keys with which pipelines sign their results.</summary>
public sealed partial class KeysPage(CurrentActor current, GateBoard board, DialogService dialogs, TimeProvider clock, ILogger<KeysPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<PipelineKey>? _page;
    private Failure? _failure;
    private DateTimeOffset _now;
    private bool _mayManage;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            (_page, _failure, _now) = (await board.KeysAsync(actor, Query.Page, PageSize), null, clock.GetUtcNow());
            _mayManage = AccessPolicy.Allows(actor, Permission.ManageTokens);
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task AddAsync()
    {
        await dialogs.OpenAsync<AddKeyDialog>("Add a signing key", null, new() { Width = "40rem" });
        await LoadAsync();
    }

    private async Task RevokeAsync(PipelineKey key)
    {
        await dialogs.OpenAsync<RevokeKeyDialog>($"Revoke {key.Name}", new() { [nameof(RevokeKeyDialog.Key)] = key }, new() { Width = "36rem" });
        await LoadAsync();
    }
}
