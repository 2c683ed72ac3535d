using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using Hash = CoEPortal.Evidence.ContentHash;

namespace CoEPortal.Governance.StageGates;

public enum StageGateOutcome
{
    Passed,

    /// <summary>Not with this answer; a better one can be written.</summary>
    NotPassed,

    /// <summary>The use case ends here.</summary>
    Killed,
}

/// <param name="Answers">By question.</param>
/// <param name="Evidence">Where it can be seen: links, numbers of documents, names of sources.</param>
public sealed record StageGateDraft(IReadOnlyDictionary<string, string> Answers, string Evidence);

/// <summary>What one person wrote for a gate, and what another decided on it. The words never change; a better answer is another one.</summary>
public sealed class StageGateAnswer : Aggregate
{
    public const int TextLength = 2000;
    public const int ReasonLength = 1000;
    public const int Most = 50;

    private readonly List<StageGateText> _texts = [];

    private StageGateAnswer()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public StageGate Gate { get; private init; }

    /// <summary>Of the answers at this gate, from 1.</summary>
    public int Number { get; private init; }

    public string RulesVersion { get; private init; } = "";

    /// <summary>Of questions, answers and evidence: what is decided on.</summary>
    public string ContentHash { get; private init; } = "";

    public string Evidence { get; private init; } = "";

    public string WrittenBy { get; private init; } = "";

    public string WrittenByName { get; private init; } = "";

    public DateTimeOffset WrittenAt { get; private init; }

    /// <summary>Null while it waits for somebody else.</summary>
    public StageGateOutcome? Outcome { get; private set; }

    public string? Reason { get; private set; }

    public string? DecidedBy { get; private set; }

    public string? DecidedByName { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public IReadOnlyList<StageGateText> Texts => _texts;

    public override (string Type, string Key) AuditSubject => ("stage-gate", $"{UseCaseKey}/{Gate}/{Number}");

    internal static StageGateAnswer Write(string useCaseKey, StageGateForm form, string rulesVersion, int number, StageGateDraft draft, Actor by, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        foreach (var question in form.Questions.Where(q => draft.Answers.GetValueOrDefault(q.Id)?.Trim().Length is null or 0 or > TextLength))
        {
            errors[question.Id] = [$"Answer in at most {TextLength:N0} characters."];
        }

        foreach (var unknown in draft.Answers.Keys.Where(id => !form.Questions.Exists(q => q.Id == id)).Take(1))
        {
            errors["answers"] = [$"'{unknown[..Math.Min(unknown.Length, 60)]}' is no question of this gate. The questions are {string.Join(", ", form.Questions.Select(q => q.Id))}."];
        }

        if (draft.Evidence.Length > TextLength)
        {
            errors["evidence"] = [$"Write at most {TextLength:N0} characters."];
        }

        if (errors.Count > 0)
        {
            throw new InvalidFieldsException(errors);
        }

        var texts = form.Questions.Select(q => (q.Id, Text: draft.Answers[q.Id].Trim())).ToList();
        var answer = new StageGateAnswer
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Gate = form.Gate,
            Number = number,
            RulesVersion = rulesVersion,
            ContentHash = HashOf(useCaseKey, form.Gate, number, rulesVersion, texts, draft.Evidence.Trim()),
            Evidence = draft.Evidence.Trim(),
            WrittenBy = by.Id.Value,
            WrittenByName = by.Name,
            WrittenAt = now,
        };
        answer._texts.AddRange(texts.Select(t => StageGateText.Of(answer.Id, t.Id, t.Text, by)));
        answer.Record(new StageGateAnswered(useCaseKey, form.Gate, number, rulesVersion, answer.ContentHash, answer.Evidence, by, now));
        return answer;
    }

    /// <param name="writers">Everybody who ever wrote for this gate of this use case.</param>
    internal void Decide(StageGateOutcome outcome, string reason, IReadOnlyCollection<string> writers, Actor by, DateTimeOffset now)
    {
        Refuse.If(writers.Contains(by.Id.Value), "own-answer", "You wrote for this gate. Somebody else decides on it.");
        Refuse.If(Outcome is not null, "already-decided", $"{DecidedByName} has decided on this answer.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why you decide so.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        (Outcome, Reason, DecidedBy, DecidedByName, DecidedAt) = (outcome, reason.Trim(), by.Id.Value, by.Name, now);
        Record(new StageGateDecided(UseCaseKey, Gate, Number, outcome, Reason, ContentHash, by, now));
    }

    private static string HashOf(string useCaseKey, StageGate gate, int number, string rulesVersion, IEnumerable<(string Question, string Text)> texts, string evidence) =>
        Hash.Of(JsonSerializer.SerializeToNode(new
        {
            useCase = useCaseKey,
            gate = gate.ToString(),
            number,
            rulesVersion,
            answers = texts.ToDictionary(t => t.Question, t => t.Text),
            evidence,
        })).ToString();
}

/// <summary>The answer to one question.</summary>
public sealed class StageGateText
{
    private StageGateText()
    {
    }

    public Guid AnswerId { get; private init; }

    public string Question { get; private init; } = "";

    public string Text { get; private init; } = "";

    public string WrittenBy { get; private init; } = "";

    internal static StageGateText Of(Guid answer, string question, string text, Actor by) => new() { AnswerId = answer, Question = question, Text = text, WrittenBy = by.Id.Value };
}

public sealed record StageGateAnswered(
    string UseCase, StageGate Gate, int Number, string RulesVersion, string ContentHash, [property: Personal] string Evidence, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record StageGateDecided(
    string UseCase, StageGate Gate, int Number, StageGateOutcome Outcome, [property: Personal] string Reason, string ContentHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}
