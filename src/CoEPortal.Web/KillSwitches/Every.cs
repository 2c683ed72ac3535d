using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.KillSwitches;

/// <summary>Calls back again and again while it stands on the page. A page takes it away when nothing moves any more.</summary>
public sealed class Every(TimeProvider clock) : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    [Parameter, EditorRequired]
    public double Seconds { get; set; }

    [Parameter, EditorRequired]
    public EventCallback Do { get; set; }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    protected override void OnInitialized() => _ = RunAsync(_gone.Token);

    private async Task RunAsync(CancellationToken gone)
    {
        try
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Seconds), clock);
            while (await timer.WaitForNextTickAsync(gone))
            {
                await InvokeAsync(Do.InvokeAsync);
            }
        }
        catch (OperationCanceledException)
        {
            // The page has gone.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }
}
