namespace CoEPortal.Governance.Import;

/// <summary>
/// Finds the likeliest duplicate of a title by its trigrams, as <c>pg_trgm</c> counts them. In memory, because a file of
/// thousands of rows would ask the database thousands of times, and a dry run has nothing there to ask.
/// </summary>
internal sealed class TitleIndex
{
    /// <summary>From here on two names are likely the same thing.</summary>
    public const double Likely = 0.6;

    private readonly Dictionary<string, List<int>> _postings = [];
    private readonly List<(string Key, int Trigrams)> _titles = [];
    private readonly Dictionary<int, int> _shared = [];

    public void Add(string key, string title)
    {
        var trigrams = TrigramsOf(title);
        foreach (var trigram in trigrams)
        {
            (_postings.TryGetValue(trigram, out var list) ? list : _postings[trigram] = []).Add(_titles.Count);
        }

        _titles.Add((key, trigrams.Count));
    }

    public (string Key, double Similarity)? MostLike(string title)
    {
        var trigrams = TrigramsOf(title);
        _shared.Clear();
        foreach (var trigram in trigrams)
        {
            foreach (var at in _postings.GetValueOrDefault(trigram) ?? [])
            {
                _shared[at] = _shared.GetValueOrDefault(at) + 1;
            }
        }

        (string, double)? best = null;
        foreach (var (at, shared) in _shared)
        {
            var similarity = shared / (double)(trigrams.Count + _titles[at].Trigrams - shared);
            if (similarity >= Likely && similarity > (best?.Item2 ?? 0))
            {
                best = (_titles[at].Key, similarity);
            }
        }

        return best;
    }

    private static HashSet<string> TrigramsOf(string title)
    {
        var trigrams = new HashSet<string>();
        var folded = string.Concat(title.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' '));
        foreach (var word in folded.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var padded = $"  {word} ";
            for (var at = 0; at + 3 <= padded.Length; at++)
            {
                trigrams.Add(padded.Substring(at, 3));
            }
        }

        return trigrams;
    }
}
