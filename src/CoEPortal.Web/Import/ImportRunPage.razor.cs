using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Import;

/// <summary>One import, row by row.</summary>
public sealed partial class ImportRunPage(CurrentActor current, ImportHistory history, NavigationManager navigation, ILogger<ImportRunPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private ImportRun? _run;
    private Page<ImportRow>? _page;
    private Failure? _failure;

    [Parameter]
    public Guid Id { get; set; }

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private ImportRowsShown Shown => Query.Choice<ImportRowsShown>("show") ?? ImportRowsShown.All;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            ((_run, _page), _failure) = (await history.RunAsync(Id, Shown, await current.GetAsync(), Query.Page, PageSize), null);
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
        catch (Exception exception)
        {
            (_failure, _page) = (Failure.Of(exception, log), null);
        }
    }

    private static IEnumerable<(ImportRowsShown Shown, string Name, int Count)> Views(ImportRun run) =>
    [
        (ImportRowsShown.All, "All", run.Imported + run.Refused),
        (ImportRowsShown.Refused, "Refused", run.Refused),
        (ImportRowsShown.LikelyDuplicates, "Look alike", run.Flagged),
    ];
}
