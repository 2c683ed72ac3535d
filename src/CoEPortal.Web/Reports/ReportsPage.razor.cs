using CoEPortal.Governance.Access;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Reports;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Reports;

/// <summary>Asks for audit PDFs of any kind of subject, shows what they would say, and keeps those that were made.</summary>
public sealed partial class ReportsPage(
    CurrentActor current, AuditPackJobs jobs, RequestAuditPack request, ReportChoices choices, UseCaseList useCases) : ComponentBase
{
    private const int PageSize = 20;
    private const int MostFound = 50;

    private Page<AuditPackStatus>? _jobs;
    private IReadOnlyList<Choice<string>>? _useCases;
    private IReadOnlyList<string>? _units;
    private IReadOnlyList<Choice<string>>? _drills;
    private IReadOnlyList<Choice<string>>? _incidents;
    private IReadOnlyList<Choice<string>>? _exercises;
    private IReadOnlyList<Choice<string>>? _campaigns;
    private Failure? _failure;
    private Attempt? _attempt;
    private Actor? _actor;
    private DateOnly _today;
    private DateOnly _from;
    private DateOnly _until;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    [Inject]
    public IncidentList Incidents { get; set; } = default!;

    [Inject]
    public ExerciseCalendar Exercises { get; set; } = default!;

    [Inject]
    public CampaignSheets Campaigns { get; set; } = default!;

    [Inject]
    public Organisation Organisation { get; set; } = default!;

    [Inject]
    public TimeProvider Time { get; set; } = default!;

    [Inject]
    public ILogger<ReportsPage> Log { get; set; } = default!;

    private PackKind Kind => Query.Choice<PackKind>("subject") ?? PackKind.UseCase;

    private Paper Sheet => Query.Choice<Paper>("paper") ?? Paper.A4;

    private bool Previewing => Query.Has("preview");

    private PackSubject? Chosen => ReportQuery.SubjectOf(Kind, Query, _from, _until);

    private string Hint => Chosen is null
        ? Kind switch { PackKind.UseCase => "Choose a use case first.", PackKind.Incident => "Choose an incident first.", PackKind.Exercise => "Choose an exercise first.", PackKind.Campaign => "Choose a campaign first.", _ => "Choose a drill first." }
        : "Printed in the background; you may leave and find it below.";

    protected override async Task OnParametersSetAsync()
    {
        _today = Organisation.DayOf(Time.GetUtcNow());
        (_from, _until) = (ReportQuery.Day(Query["from"]) ?? new DateOnly(_today.Year, _today.Month, 1), ReportQuery.Day(Query["until"]) ?? _today);
        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            _useCases ??= await FoundAsync(Query["key"]);
            _units ??= Kind is PackKind.Portfolio ? await choices.BusinessUnitsAsync(_actor) : null;
            _drills ??= Kind is PackKind.Drill ? ReportQuery.Drills(await choices.DrillsAsync(_actor), Query["drill"], Organisation) : null;
            _incidents ??= Kind is PackKind.Incident ? [.. (await Incidents.PageAsync(new IncidentFilter(), _actor, size: MostFound)).Items.Select(i => new Choice<string>(i.Key, $"{i.Key} {i.Title}"))] : null;
            _exercises ??= Kind is PackKind.Exercise ? [.. (await Exercises.PageAsync(null, _actor, size: MostFound)).Items.Select(e => new Choice<string>(e.Key, $"{e.Key} {e.Title}"))] : null;
            _campaigns ??= Kind is PackKind.Campaign ? [.. (await Campaigns.PageAsync(_actor, size: MostFound)).Items.Select(c => new Choice<string>(c.Key, $"{c.Key} {c.Title}"))] : null;
            (_jobs, _failure) = (await jobs.ListAsync(null, _actor, Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_failure, _jobs) = (Failure.Of(exception, Log), null);
        }
    }

    private async Task SearchAsync(LoadDataArgs args) => _useCases = await FoundAsync(args.Filter);

    private async Task<IReadOnlyList<Choice<string>>> FoundAsync(string? text)
    {
        var found = await useCases.ForAsync(await current.GetAsync(), new UseCaseFilter(text), UseCaseSort.Key, descending: false, size: MostFound);
        return [.. found.Items.Where(u => u.Lane is not null).Select(u => new Choice<string>(u.Key, $"{u.Key} {u.Title}"))];
    }

    private void Choose((string Name, object? Value) change) => Query.Go(quietly: true, change, (QueryState.PageParameter, Query.Page == 1 ? null : Query.Page));

    private Task RequestAsync() => _attempt!.RunAsync(async () =>
    {
        await request.RunAsync(Chosen!, Sheet, await current.GetAsync());
        await LoadAsync();
    });
}
