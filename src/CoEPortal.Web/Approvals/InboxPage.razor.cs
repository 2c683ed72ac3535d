using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Approvals;

/// <summary>What waits for the person who looks, for every function they hold.</summary>
public partial class InboxPage(CurrentActor current, ReviewInbox inbox) : ComponentBase
{
    private const int PageSize = 20;

    private Page<InboxRow>? _page;
    private IReadOnlyList<Role> _functions = [];
    private string? _me;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private Lane? Lane => Query.Choice<Lane>("lane");

    private Role? Function => Query.Choice<Role>("function");

    private InboxView View => Query.Choice<InboxView>("view") ?? InboxView.Mine;

    private static IReadOnlyList<(InboxView View, string Name)> Views { get; } =
    [
        (InboxView.Mine, "For me"),
        (InboxView.Claimed, "Taken by me"),
        (InboxView.TakenByOthers, "Taken by others"),
        (InboxView.Escalated, "Escalated"),
    ];

    private string EmptyTitle => View switch
    {
        InboxView.Claimed => "You have taken no task",
        InboxView.TakenByOthers => "No colleague has taken a task",
        InboxView.Escalated => "Nothing is overdue enough for the CoE lead to be told",
        _ => "Nothing waits for you",
    };

    private InboxSort Sort => Enum.TryParse<InboxSort>(Query[QueryState.SortParameter]?.TrimStart('-'), ignoreCase: true, out var sort) ? sort : InboxSort.Due;

    private bool IsFiltered => Query.Has("overdue") || Query.Has("search") || Lane is not null || Function is not null;

    private string SortInWords => (Sort, Descending) switch
    {
        (InboxSort.Opened, false) => "how long it has been open",
        (InboxSort.Opened, true) => "opening, newest first",
        (InboxSort.Title, _) => "name",
        (InboxSort.Lane, _) => "lane",
        (_, true) => "due date, latest first",
        _ => "due date",
    };

    private bool Descending => Query[QueryState.SortParameter]?.StartsWith('-') is true;

    protected override async Task OnParametersSetAsync()
    {
        var actor = await current.GetAsync();
        _me = actor.Id.Value;
        _functions = ReviewStates.FunctionsOf(actor);
        _page = await inbox.ForAsync(
            actor, new InboxFilter(Query["search"], Lane, Function, Query.Has("overdue"), View: View), Sort, Descending, Query.Page, PageSize);
    }

    private static string? On(bool on) => on ? "on" : null;

    private static string? Current(bool on) => on ? "true" : null;

    private static string Lower<TEnum>(TEnum value)
        where TEnum : struct, Enum => value.ToString().ToLowerInvariant();
}
