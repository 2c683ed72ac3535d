using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.UseCases;

/// <summary>One use case from first draft to service: is it within its limits, who approved it, what happened.</summary>
public sealed partial class UseCasePage(
    CurrentActor current, UseCaseDetails details, SwitchConsole console, NavigationManager navigation) : ComponentBase
{
    private static readonly string[] TabNames = ["overview", "one-pager", "approvals", "discussion", "usage", "adoption", "audit"];

    private UseCaseView? _view;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string Tab => TabNames.Contains(Query["tab"]) ? Query["tab"]! : TabNames[0];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            var (useCase, bindings) = await details.OfAsync(Key, actor);
            _view = new UseCaseView(actor, useCase, bindings, await console.OfAsync(Key, actor), await console.WiderStandingsAsync());
        }
        catch (NotFoundException)
        {
            // A key that does not exist and one that is not for this person read the same, here too.
            navigation.NotFound();
        }
    }
}
