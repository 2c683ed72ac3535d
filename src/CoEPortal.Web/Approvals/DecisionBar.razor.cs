using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Audit;
using CoEPortal.Web.Components;
using CoEPortal.Web.Layout;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen.Blazor;

namespace CoEPortal.Web.Approvals;

/// <summary>Chooses a decision and records it, for exactly the content and the conditions that the page shows.</summary>
public partial class DecisionBar(CurrentActor current, DecideReview decide, RecordedNotice recording, ShellFigures figures) : ComponentBase
{
    // Refusals that mean: what you look at is no longer what it is.
    private static readonly string[] Outdated =
        ["content-changed", "conditions-added", "task-closed", "review-closed", "function-decided", "already-decided"];

    private readonly List<ConditionBeingWritten> _conditions = [];
    private Attempt? _attempt;
    private RadzenTextArea? _commentBox;
    private DecisionKind? _chosen;
    private string _comment = "";
    private bool _stale;
    private ConfirmPrompt? _confirm;
    private Func<ValueTask>? _focus;

    [Parameter, EditorRequired]
    public ReviewSheet Sheet { get; set; } = default!;

    /// <summary>Where to go when this one is not for the reader to decide.</summary>
    [Parameter]
    public Guid? Next { get; set; }

    [Parameter]
    public EventCallback Decided { get; set; }

    [Parameter]
    public EventCallback LookAgain { get; set; }

    private IReadOnlyList<ConditionDraft> Written => [.. _conditions.Where(c => c.IsWritten).Select(c => c.Draft)];

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus is { } focus)
        {
            _focus = null;
            await focus();
        }
    }

    private void Choose(DecisionKind kind)
    {
        _chosen = _chosen == kind ? null : kind;
        _stale = false;
        _attempt?.Clear();
        _focus = _chosen switch
        {
            DecisionKind.RequestChanges or DecisionKind.Veto => () => _commentBox?.FocusAsync() ?? default,
            _ => null,
        };
    }

    private async Task RecordAsync()
    {
        if (_chosen is not { } kind || _attempt is null || await _confirm!.AsksAsync())
        {
            return;
        }

        _stale = false;
        var function = EventInWords.Name(Sheet.Task.Function);
        var recorded = await _attempt.RunAsync(() => DecideAsync(kind), $"Recorded for {function}: {Sheet.UseCase.Key} {DecisionWords.InPast(kind)}");
        if (recorded)
        {
            await figures.RefreshAsync();
            await Decided.InvokeAsync();
        }
    }

    private async Task DecideAsync(DecisionKind kind)
    {
        try
        {
            await decide.RunAsync(
                Sheet.Task.Id,
                new DecisionDraft(kind, _comment ?? "", kind is DecisionKind.ApproveWithConditions ? Written : [], Sheet.Round.ContentHash),
                await current.GetAsync(), conditionsShown: Sheet.Conditions.Count);
            await recording.WaitAsync();
        }
        catch (RuleViolationException refused) when (Outdated.Contains(refused.Rule))
        {
            _stale = true;
            throw;
        }
    }

    private async Task LookAgainAsync()
    {
        _stale = false;
        _attempt?.Clear();
        await LookAgain.InvokeAsync();
    }
}
