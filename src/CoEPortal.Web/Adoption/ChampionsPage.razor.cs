using CoEPortal.Governance.Access;
using CoEPortal.Governance.Adoption;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Adoption;

/// <summary>Champions by department, departments without one, and what waits for oneself.</summary>
public sealed partial class ChampionsPage(CurrentActor current, ChampionBoard board, KeepChampions keep, RunRollout run, DialogService dialogs, ILogger<ChampionsPage> log) : ComponentBase
{
    private const int PageSize = 20;

    private Page<ChampionRow>? _page;
    private IReadOnlyList<ChampionGap> _gaps = [];
    private IReadOnlyList<Champion> _asked = [];
    private IReadOnlyList<AskedAgreement> _agreements = [];
    private bool _mayName;
    private Attempt? _attempt;
    private Failure? _failure;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private ChampionFilter Filter => new(Query["search"], Query.Has("past"));

    private DateOnly Today => board.Today;

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            var (filter, actor) = (Filter, await current.GetAsync());
            var page = await board.PageAsync(filter, actor, Query.Page, PageSize);
            if (filter == Filter)
            {
                (_page, _gaps, _asked, _agreements) = (page, await board.GapsAsync(actor), await board.AskedOfAsync(actor), await board.AgreementsOfAsync(actor));
                (_mayName, _failure) = (AccessPolicy.Allows(actor, Permission.NameChampions), null);
            }
        }
        catch (Exception exception)
        {
            (_page, _failure) = (null, Failure.Of(exception, log));
        }
    }

    private async Task NameAsync()
    {
        await dialogs.OpenAsync<NameChampionDialog>("Who is to be champion?", null, new() { Width = "38rem" });
        await LoadAsync();
    }

    private async Task EndAsync(Champion champion)
    {
        await dialogs.OpenAsync<EndChampionDialog>($"Is {champion.PersonName} champion for {champion.Department} no longer?", new() { [nameof(EndChampionDialog.Champion)] = champion }, new() { Width = "34rem" });
        await LoadAsync();
    }

    private Task AnswerAsync(Champion champion, bool accepts) => TryAsync(
        async () => await keep.AnswerAsync(champion.Id, accepts, "", await current.GetAsync()), accepts ? $"You are champion for {champion.Department}" : "Declined");

    private Task AgreeAsync(AskedAgreement asked) => TryAsync(async () => await run.AgreeAsync(asked.UseCaseKey, asked.Cohort, await current.GetAsync()), $"You agreed for {asked.Cohort}");

    private async Task TryAsync(Func<Task> work, string done)
    {
        if (await _attempt!.RunAsync(work, done))
        {
            await LoadAsync();
        }
    }
}
