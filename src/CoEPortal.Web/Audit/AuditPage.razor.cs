using System.Globalization;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Audit;

/// <summary>The audit log: searched, read, and one entry of it proven.</summary>
public sealed partial class AuditPage(CurrentActor current, AuditExplorer explorer, ViewerClock clock, LogStanding standing, ILogger<AuditPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private static readonly (string? Days, string Name)[] Periods = [(null, "All"), ("30", "30 days"), ("7", "7 days"), ("1", "Today")];

    private static readonly IReadOnlyList<Choice<string>> Kinds = [.. AuditExplorer.Actions.Select(a => new Choice<string>(a, EventInWords.Spaced(a))).OrderBy(k => k.Title, StringComparer.Ordinal)];

    private Page<AuditRow>? _page;
    private LogFigures? _figures;
    private Failure? _failure;
    private string? _trouble;
    private bool _mayExport;
    private bool _explaining;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    [Inject]
    public LogKey Key { get; set; } = default!;

    private long? Entry => long.TryParse(Query["entry"], NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private AuditFilter Filter => new(
        Query["search"], Query["by"], Query["kind"], Query["about"],
        int.TryParse(Query["days"], NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 3650 ? clock.Today.AddDays(1 - days) : null);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var filter = Filter;
            var reader = await current.GetAsync();
            var page = await explorer.SearchAsync(filter, reader, Query.Page, PageSize);
            var figures = await explorer.FiguresAsync(reader);
            // A slower answer to an earlier question must not replace this one.
            if (filter == Filter)
            {
                (_page, _figures, _failure) = (page, figures, null);
            }

            (_mayExport, _trouble) = (AccessPolicy.Allows(reader, Permission.ExportAuditLog), standing.Trouble);
        }
        catch (Exception exception)
        {
            (_failure, _page) = (Failure.Of(exception, log), null);
        }
    }

    private void Mark(RowRenderEventArgs<AuditRow> row)
    {
        if (row.Data?.Index is { } index && index == Entry)
        {
            row.Attributes["class"] = "on";
            row.Attributes["aria-current"] = "true";
        }
    }

    private static string About(AuditRow row) => row.UseCaseKey ?? row.Entry.SubjectKey;
}
