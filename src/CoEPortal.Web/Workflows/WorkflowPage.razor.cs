using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using CoEPortal.Workflows;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Workflows;

/// <summary>One version of a workflow: drawn, told, every way it can end, tried out, and the versions before it.</summary>
public sealed partial class WorkflowPage(CurrentActor current, WorkflowCatalogue catalogue, NavigationManager navigation, ILogger<WorkflowPage> log) : ComponentBase
{
    private static readonly string[] TabNames = ["drawing", "steps", "outcomes", "simulate", "versions"];
    private static readonly IReadOnlyList<Crumb> Way = [new("Workflows", "/workflows")];

    private WorkflowDefinition? _definition;
    private PublishedVersion? _shown;
    private IReadOnlyList<PublishedVersion> _versions = [];
    private Failure? _failure;

    [Parameter]
    public string Id { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string Tab => TabNames.Contains(Query["tab"]) ? Query["tab"]! : TabNames[0];

    private int? Version => int.TryParse(Query["version"], out var version) ? version : null;

    protected override Task OnParametersSetAsync() =>
        _definition?.DefinitionId == Id && (_definition.Version == Version || Version is null && _shown is { IsNewest: true })
            ? Task.CompletedTask
            : LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            _versions = [.. (await catalogue.PublishedAsync(reader)).Where(v => v.DefinitionId == Id)];
            var shown = Version is { } version ? _versions.FirstOrDefault(v => v.Version == version) : _versions.FirstOrDefault(v => v.IsNewest);
            if (shown is null)
            {
                navigation.NotFound();
                return;
            }

            (_definition, _shown, _failure) = (await catalogue.DefinitionAsync(Id, shown.Version, reader), shown, null);
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, log);
        }
    }

    private void ChooseTab(int index) => Query.Go(quietly: false, ("tab", index == 0 ? null : TabNames[index]));
}
