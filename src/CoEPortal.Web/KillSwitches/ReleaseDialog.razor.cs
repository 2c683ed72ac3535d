using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.Audit;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;
using Radzen.Blazor;

namespace CoEPortal.Web.KillSwitches;

/// <summary>The first or the second of two people lets something run again.</summary>
public sealed partial class ReleaseDialog(CurrentActor current, ReleaseKillSwitch release, DialogService dialogs, NotificationService toasts, RecordedNotice recording)
    : ComponentBase
{
    private Attempt? _attempt;
    private RadzenTextArea? _reasonBox;
    private Actor? _actor;
    private string _reason = "";
    private string? _reasonMissing;
    private int _share = 100;

    private static readonly IReadOnlyList<Choice<int>> Shares = [new(100, "All requests"), new(50, "50 % of the requests"), new(10, "10 % of the requests"), new(1, "1 % of the requests")];

    [Parameter, EditorRequired]
    public KillSwitch Switch { get; set; } = default!;

    private bool IsSecond => Switch.State is SwitchState.ReleasePending;

    private bool IsLimited => Switch.State is SwitchState.Limited;

    private int Opened => Math.Min(_share, Switch.Share ?? 100);

    private string Verb => IsLimited ? $"Open {Name} fully"
        : !IsSecond ? $"Release {Name}, 1 of 2"
        : Opened < 100 ? $"Let {Opened} % of {Name} run again"
        : $"Let {Name} run again";

    private bool IsOwnFirst => IsSecond && Switch.FirstReleasedBy == _actor?.Id.Value;

    private string Name => SwitchWords.NameOf(Switch.Scope, Switch.Target);

    /// <summary>Those who engaged it, and CoE leads.</summary>
    private string Speakers => SwitchWords.AnyOf(Switch.EngagingFunctions);

    private string SecondSentence
    {
        get
        {
            var may = AccessPolicy.Table.Where(row => row.Permission is Permission.ReleaseSwitches).Select(row => row.Role);
            var alreadySpeaks = IsSecond
                ? !Switch.SecondNeedsEngagingFunction
                : _actor is { } me && me.Roles.Any(r => r is Role.CoeLead || Switch.EngagingFunctions.Contains(r));
            var author = Switch.Scope is SwitchScope.UseCase ? " who did not write it" : "";
            return $"Another person{author} has to agree: {(alreadySpeaks ? SwitchWords.AnyOf(may) : Speakers)}.";
        }
    }

    public static Task OpenAsync(DialogService dialogs, KillSwitch killSwitch, string title) => dialogs.OpenAsync<ReleaseDialog>(
        title, new() { [nameof(Switch)] = killSwitch }, new() { Width = "35rem", AutoFocusFirstElement = false });

    protected override async Task OnInitializedAsync() => _actor = await current.GetAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender && _reasonBox is not null)
        {
            await _reasonBox.Element.FocusAsync();
        }
    }

    private async Task ReleaseAsync()
    {
        _reasonMissing = string.IsNullOrWhiteSpace(_reason) ? "Say what was found and why it is safe again." : null;
        if (_reasonMissing is null && await _attempt!.RunAsync(async () =>
        {
            var actor = await current.GetAsync();
            _ = IsLimited
                ? await release.OpenFullyAsync(Switch.Scope, Switch.Target, new ReleaseWish(_reason), actor)
                : await release.RunAsync(Switch.Scope, Switch.Target, new ReleaseWish(_reason, Share: _share), actor);
            await recording.WaitAsync();
        }))
        {
            toasts.Notify(new()
            {
                Severity = NotificationSeverity.Success,
                Summary = IsLimited ? $"{Name} is open fully" : IsSecond && Opened < 100 ? $"{Name} is open to {Opened} %" : IsSecond ? $"Released {Name}: it runs again" : $"Released {Name}, 1 of 2: it stays stopped",
                Duration = 6000,
            });
            dialogs.Close();
        }
    }
}
