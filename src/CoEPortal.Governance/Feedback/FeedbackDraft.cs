using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Feedback;

/// <summary>What somebody says of an answer, within bounds and without what must not be stored.</summary>
public sealed partial record FeedbackDraft
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
            Text = Redacted(text ?? ""),
            CallId = string.IsNullOrWhiteSpace(callId) ? null : Redacted(callId.Trim()),
        };
    }

    /// <summary>People paste what they should not: keys, e-mail addresses, account and telephone numbers.</summary>
    internal static string Redacted(string text)
    {
        var plain = string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t')).Trim();
        plain = WithoutKeys(plain);
        plain = Address().Replace(plain, "[e-mail]");
        plain = Account().Replace(plain, "[account]");
        return LongNumber().Replace(plain, "[number]");
    }

    /// <summary>Keys and tokens alone; takes time in proportion to the text, however hostile.</summary>
    internal static string WithoutKeys(string text) => Key().Replace(text, "[key]");

    [GeneratedRegex(@"-----BEGIN [A-Z0-9 ]{1,60}-----(?:(?:(?!-----)[A-Za-z0-9+/=\s:,.-])*-----END [A-Z0-9 ]{1,60}-----|[A-Za-z0-9+/=\s]*)|\b(?:(?:sk|pk|coe|ghp|gho|github_pat|xoxb|xoxp)[-_]|AKIA|ASIA|AIza)[-_A-Za-z0-9]{8,}|\beyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9._-]*|\b(?:Bearer|Basic) [A-Za-z0-9+/=._-]{8,}")]
    private static partial Regex Key();

    [GeneratedRegex(@"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")]
    private static partial Regex Address();

    [GeneratedRegex(@"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")]
    private static partial Regex Account();

    [GeneratedRegex(@"\+?\b[0-9](?:[ -]?[0-9]){8,}\b")]
    private static partial Regex LongNumber();
}
