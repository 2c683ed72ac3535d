using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Policies;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Policies;

/// <summary>One policy: the version that holds, or another one, and the click that says it was read.</summary>
public sealed partial class PolicyPage(CurrentActor current, PolicyShelf shelf, AcknowledgePolicy acknowledge, NavigationManager navigation, ILogger<PolicyPage> log) : ComponentBase
{
    private IReadOnlyList<PolicyVersion> _versions = [];
    private IReadOnlyDictionary<int, DateTimeOffset> _read = new Dictionary<int, DateTimeOffset>();
    private Attempt? _attempt;
    private Failure? _failure;

    [Parameter]
    public string Policy { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private PolicyVersion? Current => _versions.Where(v => v.EffectiveOn <= shelf.Today).MaxBy(v => v.Number);

    private PolicyVersion? Shown => (int.TryParse(Query["v"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? _versions.FirstOrDefault(v => v.Number == asked) : null) ?? Current ?? (_versions.Count > 0 ? _versions[0] : null);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private State StateOf(PolicyVersion version) => version.EffectiveOn > shelf.Today ? new("Comes", "schedule", Tone.Info) : version.Number == Current?.Number ? new("Holds", "check", Tone.Good) : new("Replaced", "history", Tone.Neutral);

    // What came as a file nobody published by hand.
    private static string Who(PolicyVersion version) => new PersonId(version.PublishedBy).IsOfAPerson ? version.PublishedByName : "a file";

    private async Task LoadAsync()
    {
        try
        {
            var actor = await current.GetAsync();
            _versions = await shelf.OneAsync(Policy, actor);
            _read = await shelf.ReadByAsync(Policy, actor);
            _failure = null;
        }
        catch (NotFoundException)
        {
            navigation.NotFound();
        }
        catch (Exception exception)
        {
            _failure = Failure.Of(exception, log);
        }
    }

    private async Task AcknowledgeAsync()
    {
        var shown = Shown!;
        if (await _attempt!.RunAsync(async () => await acknowledge.RunAsync(Policy, shown.Number, shown.ContentHash, await current.GetAsync()), $"{shown.Title} acknowledged"))
        {
            await LoadAsync();
        }
    }
}
