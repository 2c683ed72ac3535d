using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.KillSwitches;

/// <summary>Whether a stop would hold now, how long it takes at each point, and what was not rehearsed for too long.</summary>
public sealed partial class DrillsPage(CurrentActor current, DrillHistory history, StartDrill start, ILogger<DrillsPage> log) : ComponentBase
{
    private const int PageSize = 20;
    private const int MostOverdue = 8;

    private static readonly IReadOnlyList<Crumb> Way = [new("Kill switches", "/switches")];

    private Page<Drill>? _drills;
    private IReadOnlyList<PointTimes> _points = [];
    private IReadOnlyList<OverdueDrill> _overdue = [];
    private Drill? _canary;
    private Failure? _failure;
    private Attempt? _attempt;
    private bool _mayDrill;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            _canary = (await history.ListAsync(StartDrill.Canary, reader, size: 1)).Items is [var last] ? last : null;
            _points = await history.PointsAsync(reader);
            _overdue = await history.OverdueAsync(reader);
            _mayDrill = AccessPolicy.Allows(reader, Permission.EngageSwitches);
            (_drills, _failure) = (await history.ListAsync(null, reader, Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_drills, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task RehearseAsync()
    {
        if (await _attempt!.RunAsync(async () => await start.RunAsync(StartDrill.Canary, "", await current.GetAsync()), "The canary was halted, timed and let go"))
        {
            await LoadAsync();
        }
    }

    private static string Answer(Drill last) => last.Outcome switch
    {
        DrillOutcome.Met => $"A stop would hold everywhere within {DrillWords.Took(last.Times.Everywhere)}",
        DrillOutcome.Missed => $"A stop would hold, but late: {DrillWords.Took(last.Times.Everywhere)}",
        _ => "The last rehearsal did not hold everywhere",
    };
}
