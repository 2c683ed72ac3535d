using CoEPortal.Governance.Access;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Radzen;

namespace CoEPortal.Web.Layout;

public sealed partial class MainLayout(
    CurrentActor current, ShellFigures figures, NavigationManager navigation, DialogService dialogs, TimeProvider clock)
    : LayoutComponentBase, IDisposable
{
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _closing = new();
    private CancellationToken _closed;
    private Actor? _actor;
    private PageErrors? _errors;
    private bool _menuOpen;

    private ShellFigures Figures => figures;

    private string Here => new Uri(navigation.Uri).PathAndQuery;

    public void Dispose()
    {
        navigation.LocationChanged -= OnMoved;
        figures.Changed -= OnFigures;
        _closing.Cancel();
        _closing.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        _closed = _closing.Token;
        _actor = await current.FindAsync();
        if (_closed.IsCancellationRequested)
        {
            return;
        }

        if (_actor is null)
        {
            // Gone from the directory between the request and the circuit: the server answers with the sign-in page.
            navigation.NavigateTo(navigation.Uri, forceLoad: true);
            return;
        }

        navigation.LocationChanged += OnMoved;
        figures.Changed += OnFigures;
        _ = KeepFiguresFreshAsync(_closed);
    }

    private void OnMoved(object? sender, LocationChangedEventArgs e)
    {
        _menuOpen = false;
        _errors?.Recover();
        _ = InvokeAsync(async () =>
        {
            StateHasChanged();
            await figures.RefreshAsync(_closed);
        });
    }

    private void OnFigures() => _ = InvokeAsync(StateHasChanged);

    private async Task KeepFiguresFreshAsync(CancellationToken closed)
    {
        try
        {
            using var timer = new PeriodicTimer(BetweenReadings, clock);
            do
            {
                await figures.RefreshAsync(closed);
            }
            while (await timer.WaitForNextTickAsync(closed));
        }
        catch (OperationCanceledException)
        {
            // The circuit has ended.
        }
    }

    private async Task OpenJumpAsync() => await dialogs.OpenAsync<JumpDialog>(
        "Search or jump to", null, new() { Width = "34rem", Top = "10vh", CloseDialogOnOverlayClick = true });

    private async Task OpenHelpAsync() => await dialogs.OpenAsync<HelpDialog>(
        "Keyboard shortcuts and help", null, new() { Width = "34rem", CloseDialogOnOverlayClick = true });
}
