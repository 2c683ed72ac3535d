using CoEPortal.Governance.Access;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.ShadowAi;

/// <summary>All that is known of one finding, beside the list.</summary>
public sealed partial class FindingPanel(CurrentActor current, CampaignSheets sheets, DecideFinding decide, DialogService dialogs, NavigationManager navigation) : ComponentBase
{
    private const int FewPeople = 12;

    private FindingSheet? _finding;
    private IReadOnlyList<TimelineEntry> _history = [];
    private Failure? _failure;
    private Attempt? _attempt;
    private bool _mayPropose;
    private string? _me;
    private int _shown = FewPeople;

    [Parameter, EditorRequired]
    public CampaignSheet Sheet { get; set; } = default!;

    [Parameter, EditorRequired]
    public int Number { get; set; }

    /// <summary>The address without the panel.</summary>
    [Parameter, EditorRequired]
    public string Close { get; set; } = "";

    [Parameter]
    public EventCallback Changed { get; set; }

    [Inject]
    public ILogger<FindingPanel> Log { get; set; } = default!;

    protected override async Task OnParametersSetAsync()
    {
        if (_finding?.Finding.Number != Number)
        {
            (_finding, _shown) = (null, FewPeople);
        }

        await LoadAsync();
    }

    private async Task LoadAsync()
    {
        try
        {
            var reader = await current.GetAsync();
            (_finding, _failure) = (await sheets.FindingAsync(Sheet.Campaign.Key, Number, reader), null);
            (_me, _mayPropose) = (reader.Id.Value, Sheet.MayRun && AccessPolicy.Allows(reader, Permission.ProposeUseCase));
            _history = [.. _finding.History.Select(e => EventInWords.Of(e))];
        }
        catch (Exception exception)
        {
            (_finding, _failure) = (null, Failure.Of(exception, Log));
        }
    }

    private async Task TryAsync(Func<Actor, Task> act, string done)
    {
        if (await _attempt!.RunAsync(async () => await act(await current.GetAsync()), done))
        {
            await Changed.InvokeAsync();
        }
    }

    private async Task DecideAsync()
    {
        await dialogs.OpenAsync<DispositionDialog>($"What becomes of {_finding!.Finding.Name}?", new() { [nameof(DispositionDialog.Finding)] = _finding.Finding }, new() { Width = "38rem" });
        await Changed.InvokeAsync();
    }

    private async Task RevealAsync(FindingPseudonym person)
    {
        await dialogs.OpenAsync<RevealDialog>(
            $"Whose name is behind {person.Spoken}?", new() { [nameof(RevealDialog.Campaign)] = Sheet.Campaign.Key, [nameof(RevealDialog.Finding)] = Number, [nameof(RevealDialog.Person)] = person }, new() { Width = "35rem" });
        await Changed.InvokeAsync();
    }

    private Task PromoteAsync() => _attempt!.RunAsync(async () =>
        navigation.NavigateTo($"/use-cases/{await decide.PromoteAsync(Sheet.Campaign.Key, Number, await current.GetAsync())}"));
}
