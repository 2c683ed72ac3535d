using CoEPortal.Governance.ShadowAi;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.ShadowAi;

/// <summary>One campaign: what it covers, what it found, what becomes of it, and who signs.</summary>
public sealed partial class CampaignPage(CurrentActor current, CampaignSheets sheets, DialogService dialogs, ViewerClock clock) : ComponentBase
{
    private static readonly IReadOnlyList<Crumb> Way = [new("Shadow AI", "/shadow-ai")];

    private CampaignSheet? _sheet;
    private Failure? _failure;

    // Each reading of the sheet is another: the list of findings follows it.
    private int _loaded;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    [Inject]
    public ILogger<CampaignPage> Log { get; set; } = default!;

    private int? Chosen => int.TryParse(Query["finding"], out var number) && number > 0 ? number : null;

    private int DaysLeft => _sheet!.Campaign.DueOn.DayNumber - clock.Today.DayNumber;

    private IEnumerable<CampaignSignature> Counting =>
        _sheet!.Campaign.Signatures.Where(s => s.ContentHash == (_sheet.Campaign.ClosedHash ?? _sheet.ContentHash));

    private string? WhyNotSigned => _sheet switch
    {
        { Campaign.State: CampaignState.Closed } => null,
        { Counts.Undecided: > 0 and var left } => $"Sign-off opens when all findings have a disposition; {InWords.Number(left)} {(left == 1 ? "does" : "do")} not",
        { ImportsUnderWay: > 0 } => "Sign-off opens when no import is under way",
        _ => null,
    };

    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync()
    {
        try
        {
            (_sheet, _failure) = (await sheets.OfAsync(Key, await current.GetAsync()), null);
            _loaded++;
        }
        catch (Exception exception)
        {
            (_sheet, _failure) = (null, Failure.Of(exception, Log));
        }
    }

    private async Task ChangeAsync()
    {
        await dialogs.OpenAsync<CampaignDialog>($"Scope of {Key}", new() { [nameof(CampaignDialog.Campaign)] = _sheet!.Campaign }, new() { Width = "42rem" });
        await LoadAsync();
    }

    private async Task SignAsync()
    {
        await dialogs.OpenAsync<SignDialog>($"Sign off {Key}?", new() { [nameof(SignDialog.Sheet)] = _sheet! }, new() { Width = "38rem" });
        await LoadAsync();
    }
}
