using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.KillSwitches;
using CoEPortal.Web.Layout;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.UseCases;

/// <summary>What this person may do with this use case, as buttons in its head.</summary>
public sealed partial class UseCaseActions(
    DialogService dialogs, NotificationService toasts, ShellFigures shellFigures, NavigationManager navigation) : ComponentBase
{
    [Parameter, EditorRequired]
    public UseCaseView View { get; set; } = default!;

    /// <summary>Something was done, so that the page reads again.</summary>
    [Parameter]
    public EventCallback Changed { get; set; }

    private async Task EngageAsync()
    {
        await EngageDialog.OpenAsync(dialogs, toasts, SwitchScope.UseCase, View.Key, $"Stop {View.Key} {View.Name}?");
        await RefreshAsync();
    }

    private async Task ReleaseAsync()
    {
        await ReleaseDialog.OpenAsync(dialogs, View.Switch.Switch!, $"Release {View.Key} {View.Name}?");
        await RefreshAsync();
    }

    private async Task StopAsync()
    {
        await dialogs.OpenAsync<StopDialog>($"End {View.Key} {View.Name} for good?", new() { [nameof(StopDialog.Key)] = View.Key }, new() { Width = "35rem" });
        await RefreshAsync();
    }

    private async Task WithdrawAsync()
    {
        await dialogs.OpenAsync<WithdrawDialog>(
            $"Withdraw {View.Key} {View.Name}?", new() { [nameof(WithdrawDialog.Key)] = View.Key }, new() { Width = "35rem", AutoFocusFirstElement = false });
        await RefreshAsync();
    }

    // The tab asks for the PDF and then watches it, so that it is found again after leaving.
    private void ExportAsync() => navigation.NavigateTo($"/use-cases/{View.Key}?tab=audit&export=1");

    private async Task RefreshAsync()
    {
        await Changed.InvokeAsync();
        await shellFigures.RefreshAsync();
    }
}
