using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Gates;

/// <summary>The promotion board: what waits for it, and what became of the rest.</summary>
public sealed partial class GatesPage(CurrentActor current, GateBoard board, ILogger<GatesPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<PromotionRow>? _page;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private PromotionState? State => Query.Choice<PromotionState>("state");

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_page, _failure) = (await board.PromotionsAsync(new(State, Query["useCase"]), await current.GetAsync(), Query.Page, PageSize), null);
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }
}
