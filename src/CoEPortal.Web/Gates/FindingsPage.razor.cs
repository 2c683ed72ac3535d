using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Gates;

/// <summary>What red teams found, by when it has to be mended.</summary>
public sealed partial class FindingsPage(CurrentActor current, GateBoard board, DialogService dialogs, ILogger<FindingsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<RedTeamFinding>? _page;
    private Failure? _failure;
    private bool _mayTakePart;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private FindingFilter Filter => new(Query.Choice<FindingState>("state"), Query.Choice<Severity>("severity"), Query["useCase"], Query.Has("mine"));

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            (_page, _failure, _mayTakePart) = (await board.FindingsAsync(Filter, actor, Query.Page, PageSize), null, AccessPolicy.Allows(actor, Permission.TakePart));
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task ReportAsync()
    {
        await dialogs.OpenAsync<ReportFindingDialog>("Report a finding", new() { [nameof(ReportFindingDialog.UseCaseKey)] = Filter.UseCaseKey ?? "" }, new() { Width = "38rem" });
        await LoadAsync();
    }

    private async Task StepAsync(RedTeamFinding finding)
    {
        await dialogs.OpenAsync<FindingStepDialog>($"{finding.Key}: next step", new() { [nameof(FindingStepDialog.Finding)] = finding }, new() { Width = "36rem", AutoFocusFirstElement = false });
        await LoadAsync();
    }
}
