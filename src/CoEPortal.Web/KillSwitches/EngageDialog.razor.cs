using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Telemetry;
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
    CurrentActor current, EngageKillSwitch engage, SwitchConsole console, StopReach stopReach, DialogService dialogs) : ComponentBase
{
    private static readonly IReadOnlyList<Choice<SwitchScope>> _kinds =
    [
        new(SwitchScope.Model, "Model", "In every use case that calls it"),
        new(SwitchScope.Gateway, "Gateway", "All traffic that goes through it"),
    ];

    private Attempt? _attempt;
    private RadzenTextArea? _reasonBox;
    private SwitchScope _scope;
    private string _target = "";
    private string _reason = "";
    private string _message = "";
    private string? _reasonMissing;
    private string? _targetMissing;
    private Reach? _reach;
    private (IReadOnlyList<string> Models, IReadOnlyList<string> Gateways) _names = ([], []);
    private IReadOnlyList<EnforcementNode>? _nodes;
    private SwitchStanding? _standing;

    [Parameter, EditorRequired]
    public SwitchScope Scope { get; set; }

    /// <summary>The key of the use case; empty when the person says here which model or gateway.</summary>
    [Parameter]
    public string Target { get; set; } = "";

    private bool AskWhat => Scope is SwitchScope.Model or SwitchScope.Gateway;

    private IReadOnlyList<string> Names => _scope is SwitchScope.Model ? _names.Models : _names.Gateways;

    private string What => Scope switch
    {
        SwitchScope.UseCase => Target,
        SwitchScope.All => "everything",
        _ when _target.Length > 0 => _target,
        _ => _scope is SwitchScope.Model ? "this model" : "this gateway",
    };

    private string Lead => (_reach, _scope) switch
    {
        (null, _) when AskWhat && _target.Length == 0 => "",
        (null, _) => "Reading how much traffic it has.",
        ({ CallsOfLastDay: null } reach, _) => $"{InWords.Count(reach.UseCases, "use case")} with a credential of this gateway. ",
        ({ } reach, SwitchScope.UseCase) => $"{CallsOf(reach)} in the last 24 hours. ",
        ({ } reach, SwitchScope.Model) => $"{CallsOf(reach)} in the last 24 hours, from {InWords.Count(reach.UseCases, "use case")}. ",
        ({ } reach, _) => $"All {InWords.Count(reach.UseCases, "use case")} in service, {CallsOf(reach)} in the last 24 hours. ",
    } + "You can stop it alone. Releasing it takes two people" + (_scope is SwitchScope.UseCase ? ", neither of them an author of it." : ".");

    /// <summary>Called once, when the stop is recorded.</summary>
    [Parameter]
    public Action? Stopped { get; set; }

    /// <summary>Opens it, and says afterwards that nothing changed, unless something was stopped.</summary>
    public static async Task OpenAsync(DialogService dialogs, NotificationService toasts, SwitchScope scope, string target, string title)
    {
        var stopped = false;
        await dialogs.OpenAsync<EngageDialog>(
            title,
            new() { [nameof(Scope)] = scope, [nameof(Target)] = target, [nameof(Stopped)] = (Action)(() => stopped = true) },
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
        if (AskWhat)
        {
            _names = await stopReach.NamesAsync(actor);
        }
        else
        {
            _reach = await stopReach.OfAsync(_scope, _target, actor);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _reasonBox is not null)
        {
            await _reasonBox.Element.FocusAsync();
        }
    }

    private async Task StopAsync()
    {
        _targetMissing = AskWhat && string.IsNullOrWhiteSpace(_target) ? "Name what is to be stopped." : null;
        _reasonMissing = string.IsNullOrWhiteSpace(_reason) ? "Say why, so that those who release it know what to look for." : null;
        if (_targetMissing is null && _reasonMissing is null)
        {
            await _attempt!.RunAsync(async () =>
            {
                await engage.RunAsync(_scope, _target.Trim(), SwitchMode.Stop, _reason, _message, await current.GetAsync());
                Stopped?.Invoke();
                await ReadStandingAsync();
            });
        }
    }

    private async Task ReadStandingAsync() => _standing = await console.StandingOfAsync(_scope, _target.Trim(), await current.GetAsync());

    private Task ChooseScopeAsync(SwitchScope scope)
    {
        _scope = scope;
        return TakeTargetAsync("");
    }

    private async Task TakeTargetAsync(string target)
    {
        (_target, _targetMissing) = (target, null);
        _reach = target.Trim().Length > 0 ? await stopReach.OfAsync(_scope, target.Trim(), await current.GetAsync()) : null;
    }

    private static string CallsOf(Reach reach) => reach.CallsOfLastDay == 0 ? "No reported calls" : InWords.Count(reach.CallsOfLastDay ?? 0, "call");
}
