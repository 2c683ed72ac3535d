using CoEPortal.Governance.Access;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Web.Components;
using CoEPortal.Web.KillSwitches;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Incidents;

/// <summary>One incident: what is due, what was done, who does what, and what is learnt from it.</summary>
public sealed partial class IncidentPage(
    CurrentActor current, IncidentSheets sheets, MoveIncident move, DialogService dialogs, NotificationService toasts) : ComponentBase
{
    private const int PageSize = 30;

    private static readonly IReadOnlyList<Crumb> Way = [new("Incidents", "/incidents")];

    private IncidentSheet? _sheet;
    private Failure? _failure;
    private Attempt? _attempt;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    [Inject]
    public StopFromIncident Stop { get; set; } = default!;

    [Inject]
    public ILogger<IncidentPage> Log { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private static IEnumerable<(IncidentState To, string Verb)> Steps(IncidentState state) => state switch
    {
        IncidentState.Reported => [(IncidentState.Dismissed, "Dismiss")],
        IncidentState.Open => [(IncidentState.Contained, "Contained"), (IncidentState.Resolved, "Resolve")],
        IncidentState.Contained => [(IncidentState.Open, "Open again"), (IncidentState.Resolved, "Resolve")],
        IncidentState.Resolved => [(IncidentState.Open, "Open again"), (IncidentState.Closed, "Close")],
        IncidentState.Dismissed => [(IncidentState.Reported, "Look at it again")],
        _ => [],
    };

    private async Task LoadAsync()
    {
        try
        {
            (_sheet, _failure) = (await sheets.OfAsync(Key, await current.GetAsync(), Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_sheet, _failure) = (null, Failure.Of(exception, Log));
        }
    }

    private async Task TriageAsync()
    {
        await dialogs.OpenAsync<TriageIncidentDialog>($"Triage {Key}", new() { [nameof(TriageIncidentDialog.Incident)] = _sheet!.Incident }, new() { Width = "46rem" });
        await LoadAsync();
    }

    private async Task NoteAsync()
    {
        await dialogs.OpenAsync<NoteDialog>($"Add to the timeline of {Key}", new() { [nameof(NoteDialog.Key)] = Key }, new() { Width = "38rem" });
        await LoadAsync();
    }

    private async Task MoveAsync(IncidentState to, string verb)
    {
        await WordsDialog.OpenAsync(dialogs, $"{verb}: {Key}", verb, reason => SettleAsync(to, reason), to is IncidentState.Dismissed ? "Why it is no incident" : "What shows it");
        await LoadAsync();
    }

    /// <summary>From what the page shows behind the dialog. Where that is old, it shows the newest, and the next click goes on from there.</summary>
    private async Task SettleAsync(IncidentState to, string reason)
    {
        try
        {
            await move.RunAsync(Key, to, reason, await current.GetAsync(), _sheet!.Incident.Version);
        }
        catch (RuleViolationException late) when (late.Rule == "changed-meanwhile")
        {
            await LoadAsync();
            StateHasChanged();
            throw;
        }
    }

    private async Task StopAsync()
    {
        var useCase = _sheet!.Incident.UseCaseKeys[0];
        await EngageDialog.OpenAsync(
            dialogs, toasts, SwitchScope.UseCase, useCase, $"Stop {useCase} from {Key}?", async (scope, target, wanted) => await Stop.RunAsync(Key, scope, target, wanted, await current.GetAsync()));
        await LoadAsync();
    }
}
