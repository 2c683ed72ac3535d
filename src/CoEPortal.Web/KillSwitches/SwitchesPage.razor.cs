using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.Layout;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.KillSwitches;

/// <summary>What runs, what is stopped, where the stop has arrived, and the two buttons that change it.</summary>
public sealed partial class SwitchesPage(
    CurrentActor current, SwitchConsole console, ShellFigures shellFigures, DialogService dialogs, NotificationService toasts) : ComponentBase
{
    private const int PageSize = 20;

    private Actor? _actor;
    private Page<SwitchRow>? _rows;
    private IReadOnlyList<EnforcementNode> _nodes = [];
    private IReadOnlyList<WiderSwitch> _wider = [];
    private (int All, int Engaged) _counts;
    private long _generation;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private IEnumerable<SwitchRow> Stopping => _rows?.Items.Where(r => r.Reading is SwitchReading.Stopping) ?? [];

    private int Silent => _rows is { Items: [var any, ..] } ? any.Nodes.Count(n => n.Silent) : 0;

    private bool MayRelease => _actor is not null && AccessPolicy.Allows(_actor, Permission.ReleaseSwitches);

    private bool MayEngage => _actor is not null && AccessPolicy.Allows(_actor, Permission.EngageSwitches);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        _actor = await current.GetAsync();
        _wider = await console.WiderStandingsAsync();
        _counts = await console.CountsAsync(_actor);
        (_rows, _nodes, _generation) = await console.ForAsync(
            _actor, new SwitchFilter(Query["search"], Query.Has("attention")), Query.Page, PageSize);
    }

    private async Task StopAsync(SwitchScope scope, string target, string title)
    {
        await EngageDialog.OpenAsync(dialogs, toasts, scope, target, title);
        await RefreshAsync();
    }

    private async Task ReleaseAsync(KillSwitch engaged, string name)
    {
        await ReleaseDialog.OpenAsync(dialogs, engaged, $"Release {(engaged.Scope is SwitchScope.All ? "everything" : name)}?");
        await RefreshAsync();
    }

    private async Task RefreshAsync()
    {
        await LoadAsync();
        await shellFigures.RefreshAsync();
    }

    private static string WiderTitle(KillSwitch wider) => wider.Scope switch
    {
        SwitchScope.All => "Everything is stopped",
        SwitchScope.Model => $"Model {wider.Target} is stopped in every use case",
        _ => $"Everything that goes through {wider.Target} is stopped",
    };

    private static string ByAndReason(SwitchRow row) => row switch
    {
        { Switch: not { IsEngaged: true } } => InWords.Missing,
        { Reading: SwitchReading.ReleasePending } => $"{row.Switch.FirstReleasedByName} released it, 1 of 2. {SwitchWords.ByAndReason(row.Switch)}",
        _ => SwitchWords.ByAndReason(row.Switch),
    };
}
