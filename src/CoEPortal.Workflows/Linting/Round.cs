using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows.Linting;

/// <summary>
/// Who was asked in the current round and what they said. Asking a function again begins a new round: what anybody
/// said before it was about an older revision.
/// </summary>
internal sealed record Round(ImmutableSortedDictionary<string, string> DecisionByFunction)
{
    private const string Open = "";

    public static Round First { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    public string Key => string.Join(';', DecisionByFunction.Select(p => $"{p.Key}={p.Value}"));

    public Round Ask(Bookmark bookmark) => LaneVocabulary.FunctionOf(bookmark) is not { } function ? this
        : DecisionByFunction.ContainsKey(function) ? new Round(First.DecisionByFunction.Add(function, Open))
        : new Round(DecisionByFunction.Add(function, Open));

    public Round Answer(Bookmark bookmark, JsonElement answer) => LaneVocabulary.FunctionOf(bookmark) is { } function
        ? new Round(DecisionByFunction.SetItem(function, answer.Member("decision")?.AsText() ?? Open))
        : this;

    /// <summary>Functions that have to approve, or were asked to, and did not.</summary>
    public IReadOnlyList<string> NotApproving(ImmutableArray<string> required) =>
    [
        .. required.Union(DecisionByFunction.Keys, StringComparer.Ordinal)
            .Where(f => !LaneVocabulary.Approves(DecisionByFunction.GetValueOrDefault(f, Open))),
    ];
}
