using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace CoEPortal.Web.Intake;

/// <summary>The five steps, the judgement beside them, and the bar that says what is open.</summary>
public sealed partial class ProposalEditor(ProposalValidator validator, TriageRules rules, TimeProvider clock, NavigationManager navigation)
    : ComponentBase, IDisposable
{
    private static readonly Microsoft.AspNetCore.Components.RouteData Here = new(typeof(ProposePage), new Dictionary<string, object?>());

    private DraftForm _form = default!;
    private Autosave? _autosave;
    private CheckStep? _check;
    private ElementReference _title;
    private (int Step, string? Field) _at;
    private int _moves;
    private bool _focusTitle;

    /// <summary>Null for a proposal that nobody has begun.</summary>
    [Parameter]
    public UseCase? UseCase { get; set; }

    [Parameter, EditorRequired]
    public Proposal Text { get; set; } = default!;

    /// <summary>Those that hold now. Submitting asks for them again.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<CurrentPattern> Patterns { get; set; } = [];

    /// <summary>What two people said instead of the rules, if anything.</summary>
    [Parameter]
    public JudgementOverride? Standing { get; set; }

    [Parameter]
    public EventCallback<string> Started { get; set; }

    /// <summary>Loads the draft again, as somebody else left it; is given what was written here and not saved.</summary>
    [Parameter]
    public EventCallback<Proposal> Reload { get; set; }

    /// <summary>What the person had written when somebody else was faster; null when nothing was in the way.</summary>
    [Parameter]
    public Proposal? Kept { get; set; }

    [CascadingParameter]
    public QueryState Query { get; set; } = default!;

    private int Step => int.TryParse(Query["step"], out var step) ? Math.Clamp(step, 1, Questions.LastStep) : 1;

    private string? Field => Questions.All.FirstOrDefault(q => new Uri(navigation.Uri).Fragment == "#" + q.Id)?.Id;

    private string Name => _form.Draft.Title is { Length: > 0 } title ? title : "Propose a use case";

    private string Before => UseCase!.Stage switch
    {
        Stage.ChangesAsked when UseCase.Revisions.MaxBy(r => r.Number)?.Assessment.ClearedAs is not null => "Its approval by rule has ended",
        Stage.ChangesAsked => "Changes were asked for: what reviewers said",
        Stage.Declined => "Declined: what reviewers said",
        _ => $"Revision {UseCase.ApprovedRevision} stays in force meanwhile",
    };

    private int Wrong => _form.Open.Count(o => o.IsWrong);

    private string OpenInWords => (Wrong, _form.Open.Count - Wrong) switch
    {
        (0, 0) => "All answers are there.",
        (0, var open) => $"{InWords.Count(open, "answer")} open before you can submit. You can go on meanwhile.",
        (var wrong, 0) => $"{InWords.Count(wrong, "answer")} to correct before you can submit. You can go on meanwhile.",
        var (wrong, open) => $"{InWords.Count(wrong, "answer")} to correct and {InWords.Number(open)} open before you can submit. You can go on meanwhile.",
    };

    public void Dispose() => _form.Changed -= StateHasChanged;

    protected override void OnInitialized()
    {
        _form = new DraftForm(UseCase, Text, validator, () => rules.InForce(clock.GetUtcNow()), Patterns, Standing);
        _form.Changed += StateHasChanged;
        _at = (Step, null);
    }

    protected override void OnParametersSet()
    {
        if ((Step, Field) != _at)
        {
            _focusTitle = Field is null;
            _at = (Step, Field);
            _moves++;
        }

        if (Step == Questions.LastStep)
        {
            _form.ShowAll();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focusTitle)
        {
            _focusTitle = false;
            await _title.FocusAsync();
        }
    }

    private bool IsDone(int step) => step < Questions.LastStep && _form.Open.All(o => o.Question.Step != step);

    private void GoTo(int step) => Query.Go(quietly: false, ("step", step));

    private async Task<bool> FlushAsync() => _autosave is null || await _autosave.FlushAsync();

    private async Task SubmitAsync()
    {
        if (_check is not null)
        {
            await _check.SubmitAsync();
        }
    }

    // "KPI and baseline" keeps its capitals in the middle of a sentence.
    private static string Lower(string step) => char.IsUpper(step[1]) ? step : char.ToLowerInvariant(step[0]) + step[1..];
}
