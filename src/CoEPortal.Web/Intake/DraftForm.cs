using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Scoring;
using CoEPortal.Web.Components.Validation;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Intake;

/// <summary>An answer that holds back submitting. <paramref name="IsWrong"/>: there is one, and it cannot be taken.</summary>
public sealed record OpenAnswer(Question Question, string Path, string Message, bool IsWrong);

/// <summary>
/// A one-pager being written: the text, what is open, and how it would be judged now. Judged again on each key, since
/// the rules are pure and take less than a millisecond.
/// </summary>
public sealed class DraftForm
{
    private readonly ProposalValidator _validator;
    private readonly Func<RulesFile> _rulesInForce;
    private readonly IReadOnlyList<CurrentPattern> _patterns;
    private readonly JudgementOverride? _standing;
    private readonly ValidationMessageStore _messages;
    private bool _showsAll;

    public DraftForm(UseCase? useCase, Proposal text, ProposalValidator validator, Func<RulesFile> rulesInForce, IReadOnlyList<CurrentPattern> patterns, JudgementOverride? standing)
    {
        (_validator, _rulesInForce, _patterns, _standing) = (validator, rulesInForce, patterns, standing);
        (Key, Version, Revision) = (useCase?.Key, useCase?.Version ?? 0, (useCase?.LatestRevision ?? 0) + 1);
        Draft = ProposalDraft.Of(text);
        Form = new EditContext(Draft);
        _messages = new ValidationMessageStore(Form);
        (Proposal, Rules, Open) = (text, rulesInForce(), []);
        Assessment = Triage.Assess(text, Rules, patterns, standing);
        Find();
        Form.OnFieldChanged += (_, _) => Take();
    }

    /// <summary>Somebody changed an answer.</summary>
    public event Action? Typed;

    /// <summary>Anything that the page shows changed.</summary>
    public event Action? Changed;

    /// <summary>Null until the first answer: before that nothing is stored.</summary>
    public string? Key { get; private set; }

    /// <summary>The version of the use case that this text stands on.</summary>
    public int Version { get; private set; }

    /// <summary>The number the revision will get when it is submitted.</summary>
    public int Revision { get; }

    public ProposalDraft Draft { get; }

    public EditContext Form { get; }

    public Proposal Proposal { get; private set; }

    public RulesFile Rules { get; private set; }

    public Assessment Assessment { get; private set; }

    /// <summary>What the last answer that mattered changed: ids of rules, <c>lane</c>, <c>class</c>.</summary>
    public IReadOnlySet<string> Moved { get; private set; } = new HashSet<string>();

    public IReadOnlyList<OpenAnswer> Open { get; private set; }

    /// <summary>Why the text can no longer be saved, until somebody does something about it.</summary>
    public RuleViolationException? Refusal { get; private set; }

    public bool IsOutdated => Refusal?.Rule == "changed-meanwhile";

    public void Answered<T>(System.Linq.Expressions.Expression<Func<T>> answer) => Form.NotifyFieldChanged(FieldIdentifier.Create(answer));

    public void Saved(string key, int version)
    {
        (Key, Version) = (key, version);
        Changed?.Invoke();
    }

    public void Refuse(RuleViolationException? refusal)
    {
        Refusal = refusal;
        Changed?.Invoke();
    }

    /// <summary>Shows every open answer at its field, also those that were never touched.</summary>
    public void ShowAll()
    {
        _showsAll = true;
        Show();
        Changed?.Invoke();
    }

    private void Take()
    {
        Proposal = Draft.ToProposal();
        Rules = _rulesInForce();
        var before = Assessment;
        Assessment = Triage.Assess(Proposal, Rules, _patterns, _standing);
        var moved = Differences(before, Assessment);
        Moved = moved.Count > 0 ? moved : Moved;
        Find();
        Show();
        Typed?.Invoke();
        Changed?.Invoke();
    }

    private void Find()
    {
        var wrong = Draft.Unreadable()
            .Concat(_validator.Check(Proposal, ProposalValidator.Bounds).Errors.Select(e => (e.PropertyName, e.ErrorMessage)))
            .Select(e => new OpenAnswer(Questions.Of(e.Item1), e.Item1, e.Item2, IsWrong: true));
        var missing = _validator.Check(Proposal, ProposalValidator.Complete).Errors
            .Select(e => new OpenAnswer(Questions.Of(e.PropertyName), e.PropertyName, e.ErrorMessage, IsWrong: false));
        Open = [.. wrong.Concat(missing).DistinctBy(o => o.Path).OrderBy(o => Questions.All.TakeWhile(q => q != o.Question).Count())];
    }

    // All touched fields, not only the last: an answer can put another right, as a baseline does with its target.
    private void Show()
    {
        _messages.Clear();
        foreach (var open in Open)
        {
            var field = FieldPath.Resolve(Draft, open.Path);
            if (_showsAll || Form.IsModified(field))
            {
                _messages.Add(field, open.Message);
            }
        }

        Form.NotifyValidationStateChanged();
    }

    private static HashSet<string> Differences(Assessment before, Assessment after)
    {
        var moved = after.ValuePoints.Except(before.ValuePoints).Concat(after.RiskPoints.Except(before.RiskPoints)).Select(p => p.Rule).ToHashSet();
        if (before.Lane != after.Lane)
        {
            moved.Add("lane");
        }

        if (before.RiskClass != after.RiskClass || !before.Articles.SequenceEqual(after.Articles))
        {
            moved.Add("class");
        }

        return moved;
    }
}
