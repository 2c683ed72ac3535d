using CoEPortal.Governance.Access;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Patterns;

/// <summary>All patterns: what the fast lane goes by, what is being written, and what holds no more.</summary>
public sealed partial class PatternsPage(CurrentActor current, PatternLibrary library, DialogService dialogs, ILogger<PatternsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<Pattern>? _page;
    private Failure? _failure;
    private bool _mayWrite;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private PatternFilter Filter => new(Query.Choice<PatternState>("state"), Query["search"]);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private Task StartAsync() => dialogs.OpenAsync<NewPatternDialog>("New pattern", null, new() { Width = "35rem" });

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor) = (Filter, await current.GetAsync());
            var page = await library.PageAsync(filter, actor, Query.Page, PageSize);
            if (filter == Filter)
            {
                (_page, _failure, _mayWrite) = (page, null, AccessPolicy.Allows(actor, Permission.ManagePatterns));
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }
}
