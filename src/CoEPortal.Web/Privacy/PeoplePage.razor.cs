using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Privacy;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Privacy;

/// <summary>Who the portal knows, and what it holds of one of them.</summary>
public sealed partial class PeoplePage(CurrentActor current, PersonRecords people, ErasureRequests requests, ILogger<PeoplePage> log) : ComponentBase
{
    private const int PageSize = 12;

    private Page<Person>? _page;
    private PersonRecord? _record;
    private ErasureOutlook? _outlook;
    private Actor? _actor;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private string? Chosen => Query["person"];

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (actor, search, chosen) = (await current.GetAsync(), Query["search"], Chosen);
            var page = await people.SearchAsync(search, actor, Query.Page, PageSize);
            var record = chosen is null ? null : await people.OfAsync(new PersonId(chosen), actor);
            var outlook = chosen is null ? null : await requests.OutlookAsync(new PersonId(chosen), actor);
            // A slower answer to an earlier question must not replace this one.
            if ((search, chosen) == (Query["search"], Chosen))
            {
                (_page, _record, _outlook, _actor, _failure) = (page, record, outlook, actor, null);
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }
}
