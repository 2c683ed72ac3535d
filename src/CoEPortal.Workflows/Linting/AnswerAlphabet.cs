using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows.Linting;

/// <summary>
/// The answers and inputs worth trying. Everything the workflow can tell apart it compares with a constant somewhere,
/// so the constants and one value beside each stand for all others.
/// </summary>
internal sealed class AnswerAlphabet
{
    /// <summary>Stands for every text no expression looks for.</summary>
    public const string Other = "something-else";
    private const int MaxCombinations = 64;

    private readonly WorkflowDefinition _definition;
    private readonly ImmutableArray<Syntax> _nodes;
    private readonly Dictionary<(string ActivityId, string? Payload), IReadOnlyList<JsonElement>> _answers = [];

    public AnswerAlphabet(WorkflowDefinition definition)
    {
        _definition = definition;
        _nodes =
        [
            .. definition.Root.Activities
                .SelectMany(ExpressionRules.ExpressionsOf)
                .OfType<Expression.JavaScript>()
                .SelectMany(script => script.Syntax.Descend()),
        ];
    }

    public IReadOnlyList<Dictionary<string, JsonElement>> Inputs() => Combinations(_definition.Inputs.ToDictionary(i => i.Name, ValuesOf));

    /// <summary>The values of one input that may make a difference; a single one when none does.</summary>
    public IReadOnlyList<JsonElement> ValuesOf(InputDefinition input) => input.Type is "Boolean"
        ? [JsonElements.Of(true), JsonElements.Of(false)]
        : ValuesOf(node => node is Syntax.InputRead read && read.Name == input.Name, input.Type is "String" ? JsonElements.Of("text") : JsonElements.Of(1d));

    /// <summary>True when a condition reads the input.</summary>
    public bool IsCompared(InputDefinition input) => _definition.Root.Activities
        .SelectMany(a => a.Cases.Select(c => c.Condition).Concat(a.FindSlot("condition") is { } slot ? [slot.Expression] : []))
        .Any(e => e switch
        {
            Expression.Input read => read.Name == input.Name,
            Expression.JavaScript script => script.Syntax.Descend().Any(n => n is Syntax.InputRead read && read.Name == input.Name),
            _ => false,
        });

    /// <summary>The answers to an open bookmark: its own actions where it lists them, else what expressions look for.</summary>
    public IReadOnlyList<JsonElement> Answers(Bookmark bookmark)
    {
        var key = (bookmark.ActivityId, bookmark.Payload?.GetRawText());
        return _answers.TryGetValue(key, out var known) ? known : _answers[key] = FindAnswers(bookmark);
    }

    private IReadOnlyList<JsonElement> FindAnswers(Bookmark bookmark)
    {
        var activity = _definition.FindActivity(bookmark.ActivityId)!;
        var variable = activity.OutputVariableId("result") is { } id ? _definition.FindVariable(id) : null;
        var actions = LaneVocabulary.ActionsOf(bookmark);
        var members = variable is null ? [] : Members(variable);
        if (!actions.IsEmpty)
        {
            members["decision"] = [.. actions.Select(JsonElements.Of)];
        }

        return members.Count > 0
            ? [.. Combinations(members).Select(m => JsonSerializer.SerializeToElement(m))]
            : ValuesOf(node => variable is not null && Reads(node, variable), JsonElements.Null);
    }

    private Dictionary<string, IReadOnlyList<JsonElement>> Members(VariableDefinition variable) => _nodes
        .OfType<Syntax.Member>()
        .Where(m => Reads(m.Target, variable))
        .Select(m => (m.Name as Syntax.Constant)?.Value as string)
        .OfType<string>()
        .Distinct()
        .ToDictionary(name => name, name => ValuesOf(node => IsMember(node, variable, name), JsonElements.Of(true), JsonElements.Of(false)));

    private bool IsMember(Syntax node, VariableDefinition variable, string name) =>
        node is Syntax.Member { Name: Syntax.Constant constant } member
        && constant.Value is string text && text == name
        && Reads(member.Target, variable);

    private bool Reads(Syntax node, VariableDefinition variable) =>
        node is Syntax.VariableRead read && _definition.FindVariableByName(read.Name) == variable;

    /// <summary>The constants something is compared with, each with a value beside it; otherwise the given values.</summary>
    private IReadOnlyList<JsonElement> ValuesOf(Func<Syntax, bool> isRead, params JsonElement[] otherwise)
    {
        var constants = _nodes.OfType<Syntax.Binary>()
            .SelectMany<Syntax.Binary, object?>(b =>
                isRead(b.Left) && b.Right is Syntax.Constant right ? [right.Value]
                : isRead(b.Right) && b.Left is Syntax.Constant left ? [left.Value]
                : [])
            .SelectMany(Neighbours)
            .DistinctBy(v => v.GetRawText())
            .ToList();
        return constants.Count > 0 ? constants : otherwise;
    }

    private static JsonElement[] Neighbours(object? constant) => constant switch
    {
        bool => [JsonElements.Of(true), JsonElements.Of(false)],
        double number => [JsonElements.Of(number - 1), JsonElements.Of(number), JsonElements.Of(number + 1)],
        string text => [JsonElements.Of(text), JsonElements.Of(Other)],
        _ => [JsonElements.Null, JsonElements.Of(Other)],
    };

    private static List<Dictionary<string, JsonElement>> Combinations(Dictionary<string, IReadOnlyList<JsonElement>> values)
    {
        List<Dictionary<string, JsonElement>> combinations = [[]];
        foreach (var (name, candidates) in values)
        {
            combinations =
            [
                .. combinations.SelectMany(c => candidates.Select(v => new Dictionary<string, JsonElement>(c, StringComparer.Ordinal) { [name] = v })),
            ];
            if (combinations.Count > MaxCombinations)
            {
                throw new ModelTooLargeException($"'{name}' and the values beside it can be combined in more than {MaxCombinations} ways");
            }
        }

        return combinations;
    }
}

/// <summary>The runs of a definition are too many to go through.</summary>
internal sealed class ModelTooLargeException(string message) : Exception(message);
