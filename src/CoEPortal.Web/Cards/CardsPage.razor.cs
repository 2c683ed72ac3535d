using CoEPortal.Governance.Access;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Cards;

/// <summary>All cards that somebody may see, the stalest first.</summary>
public sealed partial class CardsPage(CurrentActor current, CardLibrary library, ILogger<CardsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<Governance.Cards.Card>? _page;
    private Failure? _failure;
    private bool _mayWrite;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private CardFilter Filter => new(Query.Choice<CardKind>("kind"), Query["search"], Query.Has("stale"), Query["useCase"]);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor) = (Filter, await current.GetAsync());
            var page = await library.PageAsync(filter, actor, Query.Page, PageSize);
            if (filter == Filter)
            {
                (_page, _failure, _mayWrite) = (page, null, AccessPolicy.Allows(actor, Permission.WriteCards));
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }
}
