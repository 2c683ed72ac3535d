using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Clearances;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace CoEPortal.Web.Patterns;

/// <summary>A pattern: the draft or a version, and what it cleared.</summary>
public sealed partial class PatternPage(CurrentActor current, PatternLibrary library, PublishPattern publish, ClearanceList cleared, DialogService dialogs) : ComponentBase
{
    private Pattern? _pattern;
    private Page<ClearedCase>? _cleared;
    private Actor? _actor;
    private Attempt? _attempt;
    private Failure? _failure;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    [Inject]
    private ILogger<PatternPage> Log { get; set; } = default!;

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    /// <summary>Null for the draft.</summary>
    private PatternVersion? Shown => Query["v"] == "draft" ? null
        : _pattern!.Versions.SingleOrDefault(v => v.Number == (int.TryParse(Query["v"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : _pattern.LatestVersion));

    private PatternContent Content => Shown?.Content ?? _pattern!.Draft;

    private string Hash => Shown?.ContentHash ?? _pattern!.ContentHash;

    private bool MayWrite => _actor is { } actor && AccessPolicy.Allows(actor, Permission.ManagePatterns) && _pattern is { WithdrawnAt: null };

    private bool MayPublish => MayWrite && !_pattern!.Editors.Contains(_actor!.Id.Value) && !_pattern.Draft.Missing().Any()
        && (_pattern.Editors.Count > 0 || _pattern.GoodUntil < library.Now.AddDays(30));

    protected override Task OnParametersSetAsync() => LoadAsync();

    private static string List(IEnumerable<string> names) => string.Join(", ", names) is { Length: > 0 } all ? all : "Nothing yet";

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            _pattern = await library.OneAsync(Key, _actor);
            _cleared = await cleared.PageAsync(ClearanceShow.All, Key, _actor, 1, 5);
            _failure = null;
        }
        catch (NotFoundException)
        {
            Navigation.NotFound();
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, Log);
        }
    }

    private async Task PublishAsync()
    {
        if (await _attempt!.RunAsync(async () => await publish.RunAsync(Key, _pattern!.ContentHash, null, await current.GetAsync()), $"{Key} published"))
        {
            Navigation.NavigateTo($"/patterns/{Key}");
            await LoadAsync();
        }
    }

    private async Task WithdrawAsync()
    {
        await dialogs.OpenAsync<WithdrawPatternDialog>($"Withdraw {Key} {_pattern!.Title} for good?", new() { [nameof(WithdrawPatternDialog.Key)] = Key }, new() { Width = "35rem" });
        await LoadAsync();
    }
}
