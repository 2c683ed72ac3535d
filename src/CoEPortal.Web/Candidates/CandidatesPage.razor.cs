using CoEPortal.Governance.Access;
using CoEPortal.Governance.Candidates;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Candidates;

/// <summary>Candidate workflows by rank.</summary>
public sealed partial class CandidatesPage(CurrentActor current, CandidateList list, DialogService dialogs, NavigationManager navigation, ILogger<CandidatesPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private static readonly (CandidateState State, string? Word, string Text)[] States =
        [(CandidateState.Open, null, "Open"), (CandidateState.Proposed, "proposed", "Became a one-pager"), (CandidateState.SetAside, "setaside", "Set aside")];

    private static readonly (CandidateOrder Order, string? Word, string Text)[] Orders = [(CandidateOrder.Score, null, "score"), (CandidateOrder.Hours, "hours", "hours"), (CandidateOrder.Name, "name", "name")];

    private Page<RankedCandidate>? _page;
    private Failure? _failure;
    private bool _mayPropose;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private CandidateFilter Filter => new(Query.Choice<CandidateState>("state") ?? CandidateState.Open, Query["search"]);

    private CandidateOrder Order => Query.Choice<CandidateOrder>("sort") ?? CandidateOrder.Score;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor) = (Filter, await current.GetAsync());
            var page = await list.PageAsync(filter, actor, Order, Query.Page, PageSize);
            if (filter == Filter)
            {
                (_page, _failure, _mayPropose) = (page, null, AccessPolicy.Allows(actor, Permission.ProposeUseCase));
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task AddAsync()
    {
        if (await dialogs.OpenAsync<CandidateDialog>("Add a candidate", null, new() { Width = "44rem" }) is Candidate added)
        {
            navigation.NavigateTo($"/candidates/{added.Key}");
        }
    }
}
