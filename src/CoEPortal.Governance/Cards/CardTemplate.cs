using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Cards;

public enum CardKind { Model, System }

/// <summary>A question that a card answers.</summary>
public sealed record CardSection
{
    public string Id { get; init; } = "";

    public string Title { get; init; } = "";

    public string Help { get; init; } = "";

    public List<CardKind> Kinds { get; init; } = [];

    public bool Required { get; init; }

    /// <summary>What published cards call it, in lower case.</summary>
    public List<string> Headings { get; init; } = [];
}

/// <summary>The sections of cards, versioned (<c>templates/cards/cards-*.yaml</c>).</summary>
public sealed record CardTemplate : IVersionedFile
{
    public const string Files = "cards-*.yaml";

    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    /// <summary>After that a published card is stale.</summary>
    public int ValidForDays { get; init; }

    public List<CardSection> Sections { get; init; } = [];

    public IEnumerable<CardSection> Of(CardKind kind) => Sections.Where(s => s.Kinds.Contains(kind));

    /// <summary>The section that a heading of a published card means; null when none.</summary>
    public CardSection? Find(CardKind kind, string heading) => Of(kind).FirstOrDefault(s => s.Headings.Contains(heading.Trim().TrimEnd(':').ToLowerInvariant()));

    public IEnumerable<(string Word, string Sentence)> Faults()
    {
        if (ValidForDays is < 1 or > 3660)
        {
            yield return ("validForDays", "validForDays is 1 to 3,660.");
        }

        foreach (var section in Sections)
        {
            if (section.Id.Length == 0 || section.Title.Length == 0 || section.Kinds.Count == 0 || Sections.Count(s => s.Id == section.Id) > 1)
            {
                yield return (section.Id, $"The section '{section.Id}' needs an id of its own, a title and a kind.");
            }

            foreach (var heading in section.Headings.Where(h => h.Any(char.IsUpper) || Sections.Any(s => s != section && s.Headings.Contains(h) && s.Kinds.Intersect(section.Kinds).Any())))
            {
                yield return (heading, $"The heading '{heading}' has to be in lower case and mean one section only.");
            }
        }
    }
}
