using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Feedback;

/// <summary>What people think of answers, and what becomes of it: a fix of prompt, retrieval, tool or UI.</summary>
public sealed partial class FeedbackPage(CurrentActor current, FeedbackInbox inbox, DialogService dialogs, ILogger<FeedbackPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private static readonly IReadOnlyList<Choice<string>> FixChoices = [new("", "Any fix"), .. FeedbackWords.Fixes.Select(f => new Choice<string>(f.Value.ToString(), f.Title))];

    private Page<UserFeedback>? _page;
    private FeedbackCounts? _counts;
    private bool _mayEnter;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private FeedbackFilter Filter => new(
        Query.Choice<FeedbackState>("state"), Query.Choice<Opinion>("opinion"), Query.Choice<FeedbackFix>("fix"), Query["useCase"], Query.Has("mine"), Query["search"]);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, reader) = (Filter, await current.GetAsync());
            var (page, counts) = (await inbox.PageAsync(filter, reader, Query.Page, PageSize), await inbox.CountsAsync(filter, reader));
            // A slower answer to an earlier question must not replace this one.
            if (filter == Filter)
            {
                (_page, _counts, _mayEnter, _failure) = (page, counts, AccessPolicy.Allows(reader, Permission.TakePart), null);
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task EnterAsync()
    {
        await dialogs.OpenAsync<EnterFeedbackDialog>("Enter feedback", new() { [nameof(EnterFeedbackDialog.UseCaseKey)] = Filter.UseCaseKey ?? "" }, new() { Width = "35rem" });
        await LoadAsync();
    }

    private async Task TriageAsync(UserFeedback row)
    {
        await dialogs.OpenAsync<TriageDialog>($"Feedback on {row.UseCaseKey}", new() { [nameof(TriageDialog.Id)] = row.Id }, new() { Width = "38rem", AutoFocusFirstElement = false });
        await LoadAsync();
    }
}
