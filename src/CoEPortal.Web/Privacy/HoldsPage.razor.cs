using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Privacy;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Privacy;

/// <summary>What is held from being erased, by whom and why.</summary>
public sealed partial class HoldsPage(
    CurrentActor current, LegalHolds holds, SetLegalHold hold, DialogService dialogs, ILogger<HoldsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<HoldRow>? _page;
    private Actor? _actor;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string? Me => _actor?.Id.Value;

    private bool MayHold => _actor is { } actor && AccessPolicy.Allows(actor, Permission.HoldRecords);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            (_page, _failure) = (await holds.PageAsync(_actor, Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task HoldAsync()
    {
        await dialogs.OpenAsync<HoldDialog>("Hold the record of a use case?", [], new() { Width = "35rem" });
        await LoadAsync();
    }

    private async Task LiftAsync(HoldRow row)
    {
        await ReasonDialog.OpenAsync(
            dialogs, $"Lift the hold over {row.About}?", "Whoever it covers can be erased again, and old calls are dropped with the next sweep.", "Lift the hold",
            async reason => await hold.LiftAsync(row.Hold.Id, reason, await current.GetAsync()), "Hold lifted");
        await LoadAsync();
    }
}
