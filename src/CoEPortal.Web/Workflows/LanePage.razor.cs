using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.Layout;
using CoEPortal.Web.SignIn;
using CoEPortal.Workflows;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Workflows;

/// <summary>One review as its workflow runs it: where it is, who holds it since when, what happened, and what an operator can do.</summary>
public sealed partial class LanePage(
    CurrentActor current, LaneList lanes, DialogService dialogs, ShellFigures figures, NavigationManager navigation) : ComponentBase
{
    private static readonly IReadOnlyList<Crumb> Way = [new("Workflows", "/workflows"), new("Reviews", "/workflows/instances")];

    private LaneSheet? _sheet;
    private Dictionary<string, string> _titles = [];
    private bool _mayOperate;

    [Parameter]
    public Guid Id { get; set; }

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            var sheet = await lanes.OneAsync(Id, reader);
            _titles = Diagram.Of(sheet.Definition).Nodes.ToDictionary(n => n.ActivityId, n => n.Title);
            (_sheet, _mayOperate) = (sheet, AccessPolicy.Allows(reader, Permission.OperateWorkflows));
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
    }

    private async Task OperateAsync(LaneOperation operation)
    {
        await OperateDialog.OpenAsync(dialogs, operation, _sheet!);
        await LoadAsync();
        await figures.RefreshAsync();
    }

    // A journal may name activities of an earlier version that this one does not have.
    private string TitleOf(string activity) => _titles.GetValueOrDefault(activity, activity);
}
