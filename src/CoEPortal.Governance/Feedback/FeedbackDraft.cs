using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Feedback;

/// <summary>What somebody says of an answer, within bounds and without what must not be stored.</summary>
public sealed record FeedbackDraft
{
    internal const string Portal = "portal";

    private const int CallIdLength = 200;
    private const int LowestScore = 1;
    private const int HighestScore = 5;
    private const int MiddleScore = 3;

    private FeedbackDraft()
    {
    }

    public Opinion Opinion { get; private init; }

    public int? Score { get; private init; }

    public string Text { get; private init; } = "";

    public string? CallId { get; private init; }

    /// <summary>Thumbs up without a word are counted and ask nobody for anything.</summary>
    internal FeedbackState FirstState => Opinion is Opinion.Positive && Text.Length == 0 ? FeedbackState.Done : FeedbackState.New;

    /// <param name="isGood">Thumbs up or down; null when only a score is given.</param>
    /// <param name="score">1 to 5. It decides where there are no thumbs: 3 is neutral.</param>
    /// <param name="text">Optional; keys, addresses and long numbers are taken out.</param>
    /// <param name="callId">Of the answer it is about.</param>
    public static FeedbackDraft Of(bool? isGood, long? score, string? text, string? callId)
    {
        Refuse.If(isGood is null && score is null, "opinion-required", "Say whether it was good: thumbs up or down, or a score from 1 to 5.");
        Refuse.If(score is < LowestScore or > HighestScore, "score-out-of-range", "A score is a whole number from 1 to 5.");
        Refuse.If(text?.Length > UserFeedback.TextLength, "text-too-long", $"Write at most {UserFeedback.TextLength:N0} characters.");
        Refuse.If(callId?.Length > CallIdLength || callId?.Any(char.IsControl) == true, "call-id-unusable", $"The id of a call has at most {CallIdLength} characters, none of them a control character.");
        return new FeedbackDraft
        {
            Opinion = isGood is { } good ? good ? Opinion.Positive : Opinion.Negative
                : score < MiddleScore ? Opinion.Negative : score > MiddleScore ? Opinion.Positive : Opinion.Neutral,
            Score = (int?)score,
            Text = Redaction.Of(text ?? ""),
            CallId = string.IsNullOrWhiteSpace(callId) ? null : Redaction.Of(callId.Trim()),
        };
    }
}
