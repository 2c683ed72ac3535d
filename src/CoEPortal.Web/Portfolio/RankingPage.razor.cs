using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Portfolio;

/// <summary>What is worth keeping, what to pause or end, and what ended ones taught.</summary>
public sealed partial class RankingPage(CurrentActor current, PortfolioRanking ranking, StoppedUseCases stopped, ILogger<RankingPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<RankedUseCase>? _page;
    private Page<StoppedUseCase>? _stopped;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private bool Stopped => Query["show"] == "stopped";

    private bool Lowest => Query["order"] == "lowest";

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            if (Stopped)
            {
                _stopped = await stopped.ForAsync(actor, Query.Page, PageSize);
            }
            else
            {
                _page = await ranking.ForAsync(actor, Query.Page, PageSize, Lowest);
            }

            _failure = null;
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, log);
        }
    }

    private string Share(decimal weight) => InWords.Percent(weight / (ranking.Weights.Impact + ranking.Weights.Risk + ranking.Weights.Maintainability));
}
