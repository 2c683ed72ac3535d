using CoEPortal.Governance.Access;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Portfolio;

/// <summary>The rules, and what other rules would change.</summary>
public sealed partial class RulesPage(CurrentActor current, TriageRules rules, RulesPreview previews, Organisation organisation, TimeProvider clock) : ComponentBase
{
    private const int LargestFile = 500 * 1024;

    private Attempt? _attempt;
    private PreviewedRules? _preview;
    private string? _wrong;
    private string? _shown;

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private RulesFile InForce => rules.InForce(clock.GetUtcNow());

    private DateOnly Today => organisation.DayOf(clock.GetUtcNow());

    protected override async Task OnParametersSetAsync()
    {
        if (Query["version"] is { } version && version != _shown && rules.OfVersion(version) is { } chosen)
        {
            (_shown, _preview) = (version, await previews.RunAsync(chosen, await current.GetAsync()));
        }
    }

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        (_preview, _wrong) = (null, null);
        if (chosen.File.Size > LargestFile)
        {
            _wrong = $"This file has {chosen.File.Size / 1024:N0} kB. A rules file has at most {LargestFile / 1024:N0} kB.";
            return;
        }

        await _attempt!.RunAsync(async () =>
        {
            using var reader = new StreamReader(chosen.File.OpenReadStream(LargestFile));
            var given = RulesPreview.Given(await reader.ReadToEndAsync());
            _preview = await previews.RunAsync(given, await current.GetAsync());
        });
    }

    private static string Verdict(PreviewedRules preview) => preview.Moves.Count == 0
        ? $"By {preview.Version} none of {InWords.Count(preview.Judged, "use case")} would change lane"
        : $"By {preview.Version} {InWords.Number(preview.Moves.Values.Sum())} of {InWords.Count(preview.Judged, "use case")} would change lane{(preview.ClassChanges > 0 ? $", {InWords.Number(preview.ClassChanges)} class" : "")}";
}
