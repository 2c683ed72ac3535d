using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Web.Audit;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace CoEPortal.Web.KillSwitches;

/// <summary>
/// Stops one thing, and stays open to show each node confirm. Only text areas and a button that is no submit button:
/// Enter can never stop anything.
/// </summary>
public sealed partial class EngageDialog(
    CurrentActor current, EngageKillSwitch engage, SwitchConsole console, StopReach stopReach, RecordedNotice recording, DialogService dialogs) : ComponentBase
{
    private Attempt? _attempt;
    private RadzenTextArea? _reasonBox;
    private RadzenButton? _close;
    private bool _closeFocused;
    private SwitchScope _scope;
    private string _target = "";
    private string _reason = "";
    private string _message = "";
    private string _evidence = "";
    private EngageChoice _choice = new();
    private string? _modeMissing;
    private string? _reasonMissing;
    private string? _targetMissing;
    private Reach? _reach;
    private IReadOnlyList<EnforcementNode>? _nodes;
    private SwitchStanding? _standing;

    [Parameter, EditorRequired]
    public SwitchScope Scope { get; set; }

    /// <summary>The key of the use case; empty when the person says here which model or gateway.</summary>
    [Parameter]
    public string Target { get; set; } = "";

    private bool AskWhat => Scope is SwitchScope.Model or SwitchScope.Gateway;

    private string What => Scope switch
    {
        SwitchScope.UseCase => Target,
        SwitchScope.All => "everything",
        _ when _target.Length > 0 => _target,
        _ => _scope is SwitchScope.Model ? "this model" : "this gateway",
    };

    /// <summary>How it is engaged: from an incident, say. Null: by itself.</summary>
    [Parameter]
    public Func<SwitchScope, string, Engagement, Task>? Engaging { get; set; }

    /// <summary>Called once, when the stop is recorded.</summary>
    [Parameter]
    public Action? Stopped { get; set; }

    /// <summary>Opens it, and says afterwards that nothing changed, unless something was stopped.</summary>
    public static async Task OpenAsync(DialogService dialogs, NotificationService toasts, SwitchScope scope, string target, string title, Func<SwitchScope, string, Engagement, Task>? engaging = null)
    {
        var stopped = false;
        await dialogs.OpenAsync<EngageDialog>(
            title,
            new() { [nameof(Scope)] = scope, [nameof(Target)] = target, [nameof(Stopped)] = (Action)(() => stopped = true), [nameof(Engaging)] = engaging },
            new() { Width = "35rem", AutoFocusFirstElement = false });
        if (!stopped)
        {
            toasts.Notify(new() { Severity = NotificationSeverity.Info, Summary = "Nothing was changed", Detail = "What was running still runs.", Duration = 6000 });
        }
    }

    protected override async Task OnInitializedAsync()
    {
        (_scope, _target) = (Scope, Target);
        var actor = await current.GetAsync();
        _nodes = await console.NodesAsync(actor);
        _reach = AskWhat ? null : await stopReach.OfAsync(_scope, _target, actor);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _reasonBox is not null)
        {
            await _reasonBox.Element.FocusAsync();
        }

        // The red button has gone and took the focus with it.
        if (_standing is not null && _close is not null && !_closeFocused)
        {
            _closeFocused = true;
            await _close.Element.FocusAsync();
        }
    }

    private async Task StopAsync()
    {
        _targetMissing = AskWhat && string.IsNullOrWhiteSpace(_target) ? "Name what is to be stopped." : null;
        _reasonMissing = string.IsNullOrWhiteSpace(_reason) ? "Say why, so that those who release it know what to look for." : null;
        _modeMissing = Scope is SwitchScope.UseCase ? _choice.Missing : null;
        if (_targetMissing is null && _reasonMissing is null && _modeMissing is null)
        {
            var isStopped = await _attempt!.RunAsync(async () =>
            {
                var wanted = new Engagement(_choice.Mode, _reason, _message, _evidence, _choice.Fallback, _choice.Rollback);
                await (Engaging is { } otherwise ? otherwise(_scope, _target.Trim(), wanted) : engage.RunAsync(_scope, _target.Trim(), wanted, await current.GetAsync()));
                Stopped?.Invoke();
                await ReadStandingAsync();
            });
            if (isStopped)
            {
                // Each node's confirmation is shown first: that one is urgent.
                StateHasChanged();
                await recording.WaitAsync();
            }
        }
    }

    private async Task ReadStandingAsync() => _standing = await console.StandingOfAsync(_scope, _target.Trim(), await current.GetAsync());

    private async Task TakeTargetAsync(string target)
    {
        (_target, _targetMissing) = (target, null);
        _reach = target.Trim().Length > 0 ? await stopReach.OfAsync(_scope, target.Trim(), await current.GetAsync()) : null;
    }
}
