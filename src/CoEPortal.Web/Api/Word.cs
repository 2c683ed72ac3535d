using System.Diagnostics.CodeAnalysis;

namespace CoEPortal.Web.Api;

/// <summary>
/// A choice in a query string, by the word that answers use for it: <c>lane=full</c>, <c>stage=inReview</c>. Upper and lower
/// case do not matter; the framework's own binding would take only the C# spelling.
/// </summary>
internal readonly record struct Word<TChoice>(TChoice Value) : IParsable<Word<TChoice>>
    where TChoice : struct, Enum
{
    public static Word<TChoice> Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var word) ? word : throw new FormatException($"'{s}' is none of {string.Join(", ", Enum.GetNames<TChoice>())}.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Word<TChoice> result)
    {
        // The framework's parser would also take numbers, which no answer ever shows.
        var isWord = Enum.TryParse<TChoice>(s, ignoreCase: true, out var value) && Enum.IsDefined(value) && char.IsAsciiLetter(s![0]);
        result = new Word<TChoice>(value);
        return isWord;
    }
}
