using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Dpia;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Dpia;

/// <summary>An assessment: the draft or a version, what changed, the officer's advice, and the signature.</summary>
public sealed partial class DpiaPage(CurrentActor current, DpiaLibrary library, SignDpia sign, AskDpiaReview ask, ReviewSheets reviews, NavigationManager navigation, ILogger<DpiaPage> log) : ComponentBase
{
    private DpiaSheet? _sheet;
    private (ApprovalRound Round, IReadOnlyList<FunctionStatus> Functions)? _review;
    private Actor? _actor;
    private Attempt? _attempt;
    private Failure? _failure;
    private bool _mayWrite;
    private string _text = "";

    [Parameter]
    public string Key { get; set; } = "";

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private ImpactAssessment Assessment => _sheet!.Assessment;

    /// <summary>Null for the draft.</summary>
    private DpiaVersion? Shown => Query["v"] == "draft" ? null : Numbered("v") ?? (Assessment.IsSignedOff ? Assessment.Versions.Single(v => v.Number == Assessment.LatestVersion) : null);

    private DpiaVersion? Before => Numbered("from");

    private DpiaContent Content => Shown?.Content ?? Assessment.Draft;

    private string Hash => Shown?.ContentHash ?? Assessment.ContentHash;

    private string Me => _actor?.Id.Value ?? "";

    private bool MayAsk => _mayWrite && Shown is null && !Assessment.IsSignedOff && !Assessment.IsAdvised && Assessment.WaitsFor is not DpiaTurn.Advice;

    private bool MayAdvise => _actor is { } actor && actor.Is(Role.Privacy) && !Assessment.IsSignedOff && !Assessment.IsAdvised && !Assessment.Editors.Contains(Me);

    private bool MayAnswer => _mayWrite && Assessment.IsAdvised && Assessment.AdviceAccepted is null && Assessment.AdvisedBy != Me;

    private bool IsAnswered => !Assessment.IsSignedOff && Assessment is { IsAdvised: true, AdviceAccepted: not null, WaitsFor: not DpiaTurn.Review };

    private bool MayAskReview => _mayWrite && Shown is null && IsAnswered && Assessment.Draft.Outcome is ScreeningOutcome.Required;

    private bool IsObjectedTo => _review is { Round: { Status: RoundStatus.Vetoed or RoundStatus.ChangesRequested } round } && round.ContentHash == Assessment.ContentHash;

    private bool MaySign => _actor is { } actor && IsAnswered && !IsObjectedTo && !Assessment.NeedsLane && (actor.Is(Role.Risk) || actor.Is(Role.CoeLead) && Assessment.Draft.ResidualRisk is not RiskLevel.High)
        && Assessment.AdvisedBy != Me && !Assessment.Editors.Contains(Me);

    protected override Task OnParametersSetAsync() => LoadAsync();

    private DpiaVersion? Numbered(string name) => int.TryParse(Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? _sheet?.Assessment.Versions.SingleOrDefault(v => v.Number == number) : null;

    private IEnumerable<(string Title, string Was, string Now)> Changes(DpiaContent before) =>
        _sheet!.Template.Steps.SelectMany(s => s.Fields).Select(f => (f.Title, before.Answer(f.Id), Content.Answer(f.Id)))
            .Append(("Risks and measures", Lines(before), Lines(Content))).Append(("Screening", $"{before.Outcome}: {string.Join(", ", before.Criteria)}", $"{Content.Outcome}: {string.Join(", ", Content.Criteria)}"))
            .Where(c => c.Item2 != c.Item3);

    private static string Lines(DpiaContent content) => string.Join("\n", content.Risks.Select(r => $"{r.Title}: {r.Level}, {r.Measure}, left {r.Residual}"));

    private async Task LoadAsync()
    {
        try
        {
            _actor = await current.GetAsync();
            var sheet = await library.OneAsync(Key, _actor);
            _review = await reviews.OfTopicAsync(sheet.Assessment.Id, _actor);
            (_sheet, _mayWrite, _failure) = (sheet, AccessPolicy.Allows(_actor, Permission.WriteDpias), null);
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

    private Task AskAsync() => DoAsync(async actor => await sign.AskAsync(Key, Assessment.ContentHash, actor), "The officer is asked");

    private Task AdviseAsync() => DoAsync(async actor => await sign.AdviseAsync(Key, _text, Assessment.ContentHash, actor), "Advice given");

    private Task AnswerAsync(bool accepted) => DoAsync(async actor => await sign.AnswerAsync(Key, accepted, _text, actor), accepted ? "Advice accepted" : "Advice overruled");

    private Task AskReviewAsync() => DoAsync(async actor => await ask.RunAsync(Key, Assessment.ContentHash, actor), "The functions of its lane are asked");

    private Task SignAsync() => DoAsync(async actor => await sign.SignOffAsync(Key, Assessment.ContentHash, null, actor), $"{Key} signed off");

    private async Task DoAsync(Func<Actor, Task> act, string done)
    {
        if (await _attempt!.RunAsync(async () => await act(await current.GetAsync()), done))
        {
            _text = "";
            await LoadAsync();
        }
    }
}
