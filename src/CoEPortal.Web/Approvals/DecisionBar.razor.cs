using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Radzen.Blazor;

namespace CoEPortal.Web.Approvals;

/// <summary>Chooses a decision and records it, for exactly the content and the conditions that the page shows.</summary>
public partial class DecisionBar(CurrentActor current, DecideReview decide, Discussion discussion, ViewerClock viewer, TimeProvider clock) : ComponentBase
{
    // Refusals that mean: what you look at is no longer what it is.
    private static readonly string[] Outdated =
        ["content-changed", "conditions-added", "task-closed", "review-closed", "function-decided", "already-decided"];

    private readonly List<Draft> _conditions = [];
    private Attempt? _attempt;
    private RadzenTextArea? _commentBox;
    private DecisionKind? _chosen;
    private string _comment = "";
    private bool _stale;
    private bool _confirming;
    private IReadOnlyList<Actor> _people = [];
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

    private string Placeholder => _chosen switch
    {
        null => "Comment (needed unless you approve)",
        DecisionKind.Approve => "Comment, if there is something to say",
        DecisionKind.ApproveWithConditions => "Comment: why these conditions",
        DecisionKind.RequestChanges => "Comment: what has to change, and why",
        _ => "Comment: why this must not go ahead",
    };

    private string Record => _chosen switch
    {
        DecisionKind.Veto => "Record veto",
        DecisionKind.RequestChanges => "Record request",
        DecisionKind.ApproveWithConditions => $"Record with {InWords.Count(Math.Max(1, Written.Count), "condition")}",
        _ => "Record approval",
    };

    private IReadOnlyList<ConditionDraft> Written =>
        [.. _conditions.Where(c => !string.IsNullOrWhiteSpace(c.Text))
            .Select(c => new ConditionDraft(c.Text!.Trim(), c.Owner is { Length: > 0 } owner ? new PersonId(owner) : null, c.DueOn))];

    protected override void OnInitialized() => _conditions.Add(NewCondition());

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_focus is { } focus)
        {
            _focus = null;
            await focus();
        }
    }

    private async Task ChooseAsync(DecisionKind kind)
    {
        if (kind is DecisionKind.ApproveWithConditions && _people.Count == 0)
        {
            _people = await discussion.ReadersAsync(Sheet.UseCase.Key, await current.GetAsync());
        }

        _chosen = _chosen == kind ? null : kind;
        _stale = false;
        _attempt?.Clear();
        _focus = _chosen switch
        {
            DecisionKind.ApproveWithConditions => () => _conditions[^1].Box?.FocusAsync() ?? default,
            DecisionKind.RequestChanges or DecisionKind.Veto => () => _commentBox?.FocusAsync() ?? default,
            _ => null,
        };
    }

    private void Add()
    {
        _conditions.Add(NewCondition());
        _focus = () => _conditions[^1].Box?.FocusAsync() ?? default;
    }

    private async Task RecordAsync()
    {
        if (_chosen is not { } kind || _attempt is null)
        {
            return;
        }

        if (Sheet.Round.Tier is RiskTier.High && !(await IsConfirmedAsync()))
        {
            _confirming = true;
            return;
        }

        (_stale, _confirming) = (false, false);
        var function = EventInWords.Name(Sheet.Task.Function);
        var recorded = await _attempt.RunAsync(() => DecideAsync(kind), $"Recorded for {function}: {Sheet.UseCase.Key} {InPast(kind)}");
        if (recorded)
        {
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

    private async Task<bool> IsConfirmedAsync() =>
        (await current.GetAsync()).ConfirmedAt >= clock.GetUtcNow() - ApprovalRound.ConfirmedWithin;

    // The other window tells the server; this one looks whether it has.
    private async Task LookForConfirmationAsync()
    {
        if (_confirming && await IsConfirmedAsync())
        {
            _confirming = false;
            await RecordAsync();
        }
    }

    private Draft NewCondition() => new() { Owner = Sheet.Revision.SubmittedBy, DueOn = viewer.Today.AddDays(30) };

    private static string InPast(DecisionKind kind) => kind switch
    {
        DecisionKind.Veto => "vetoed",
        DecisionKind.RequestChanges => "sent back for changes",
        DecisionKind.ApproveWithConditions => "approved with conditions",
        _ => "approved",
    };

    private sealed class Draft
    {
        public string? Text { get; set; } = "";

        public string? Owner { get; set; }

        public DateOnly? DueOn { get; set; }

        public RadzenTextBox? Box { get; set; }
    }
}
