namespace CoEPortal.Enforcement.Otlp;

/// <summary>Why parts of a batch were not counted, told to its sender.</summary>
internal static class Rejections
{
    private const int MostReasons = 10;

    /// <summary>One sentence, the most frequent reasons first; null when nothing was rejected.</summary>
    public static string? InWords(string what, IEnumerable<string> reasons)
    {
        var told = reasons.CountBy(reason => reason)
            .OrderByDescending(reason => reason.Value)
            .ThenBy(reason => reason.Key, StringComparer.Ordinal)
            .Take(MostReasons)
            .Select(reason => $"{reason.Key} ({reason.Value})")
            .ToList();
        return told.Count == 0 ? null : $"{what} rejected: {string.Join("; ", told)}.";
    }
}
