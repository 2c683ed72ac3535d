using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows.Linting;

/// <summary>
/// Who was asked in the current round and what they said. A new round begins when the same task is opened again, and
/// when after a refusal somebody is asked who was asked before: what anybody said until then was about an older
/// revision. A second question to the same function while all approve belongs to the same round.
/// </summary>
internal sealed record Round(ImmutableSortedDictionary<string, Question> Questions)
{
    public static Round First { get; } = new(ImmutableSortedDictionary.Create<string, Question>(StringComparer.Ordinal));

    public string Key => string.Join(';', Questions.Select(q => $"{q.Key}={q.Value.Function}:{q.Value.Decision}"));

    public Round Ask(Bookmark bookmark) =>
        LaneVocabulary.FunctionOf(bookmark) is { } function ? Ask(bookmark.ActivityId, new Question(function, Decision: null)) : this;

    public Round Ask(string activityId, Question question) =>
        new((BeginsAnew(activityId, question.Function) ? First : this).Questions.SetItem(activityId, question));

    public Round Answer(Bookmark bookmark, JsonElement answer) => LaneVocabulary.FunctionOf(bookmark) is { } function
        ? new Round(Questions.SetItem(bookmark.ActivityId, new Question(function, answer.Member("decision")?.AsText())))
        : this;

    /// <summary>Functions that have to approve, or were asked to, and did not answer every question with an approval.</summary>
    public IReadOnlyList<string> NotApproving(IEnumerable<string> required)
    {
        var asked = Questions.Values.ToLookup(q => q.Function, StringComparer.Ordinal);
        return
        [
            .. required.Union(asked.Select(q => q.Key), StringComparer.Ordinal)
                .Where(f => !asked.Contains(f) || !asked[f].All(q => q.Approves)),
        ];
    }

    private bool BeginsAnew(string activityId, string function) =>
        Questions.ContainsKey(activityId)
        || (Questions.Values.Any(q => q.Function == function) && Questions.Values.Any(q => q.Refuses));
}

/// <param name="Decision">Null while the question is open, and when it was withdrawn.</param>
internal sealed record Question(string Function, string? Decision)
{
    public bool Approves => Decision is not null && LaneVocabulary.Approves(Decision);

    public bool Refuses => Decision is not null && !Approves;
}
