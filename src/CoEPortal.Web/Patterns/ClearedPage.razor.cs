using CoEPortal.Governance.Access;
using CoEPortal.Governance.Clearances;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Patterns;

/// <summary>What was approved by rule, its samples and how they came out.</summary>
public sealed partial class ClearedPage(CurrentActor current, ClearanceList list, DialogService dialogs, ILogger<ClearedPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private static readonly (ClearanceShow Show, string Name)[] Shows =
        [(ClearanceShow.Waiting, "Samples that wait"), (ClearanceShow.Sampled, "All samples"), (ClearanceShow.Ended, "Cleared no more"), (ClearanceShow.All, "All")];

    private Page<ClearedCase>? _page;
    private Actor? _actor;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private ClearanceShow Show => Query.Choice<ClearanceShow>("show") ?? ClearanceShow.Waiting;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private bool MayReview(ClearedCase row) => row is { IsAuthor: false, Clearance: { IsSampled: true, Outcome: null } } && AccessPolicy.Allows(_actor!, Permission.ReviewClearances);

    private async Task LoadAsync()
    {
        try
        {
            var asked = (Show, Query["pattern"]);
            _actor = await current.GetAsync();
            var page = await list.PageAsync(asked.Show, asked.Item2, _actor, Query.Page, PageSize);
            if (asked == (Show, Query["pattern"]))
            {
                (_page, _failure) = (page, null);
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task ReviewAsync(ClearedCase row)
    {
        await dialogs.OpenAsync<ReviewSampleDialog>($"Review {row.Clearance.UseCaseKey} {row.Title}", new() { [nameof(ReviewSampleDialog.Case)] = row }, new() { Width = "35rem" });
        await LoadAsync();
    }
}
