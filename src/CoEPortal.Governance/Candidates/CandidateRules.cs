using System.Globalization;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Candidates;

/// <summary>What the numbers 1 to 5 mean, in this order.</summary>
public sealed record CandidateScales
{
    public List<string> Value { get; init; } = [];

    public List<string> Feasibility { get; init; } = [];
}

/// <summary>From this figure on a fact earns these points, for this reason.</summary>
public sealed record PointBand
{
    public decimal AtLeast { get; init; }

    public int Points { get; init; }

    /// <summary>With <c>{figure}</c> where the figure stands.</summary>
    public string Sentence { get; init; } = "";
}

/// <summary>The bands of one fact, the highest first.</summary>
public sealed record FactPoints
{
    public string Fact { get; init; } = "";

    public string Title { get; init; } = "";

    public List<PointBand> Bands { get; init; } = [];
}

/// <summary>How candidates are ranked (<c>templates/rules/candidates.yaml</c>): points for each fact, and the sentence that explains them.</summary>
public sealed record CandidateRules
{
    public const string Hours = "hours";
    public const string Frequency = "frequency";
    public const string Value = "value";
    public const string Feasibility = "feasibility";

    public string Version { get; init; } = "";

    public CandidateScales Scales { get; init; } = new();

    public List<FactPoints> Points { get; init; } = [];

    /// <exception cref="InvalidDataException">It cannot be read, or leaves a fact or a figure without points.</exception>
    public static CandidateRules Read(string path)
    {
        var file = Path.GetFileName(path);
        var rules = YamlFile.Read<CandidateRules>(File.ReadAllText(path), file);
        return rules.Fault() is { } fault ? throw new InvalidDataException($"{file}: {fault}") : rules;
    }

    /// <summary>Each point with its sentence. A pure rule.</summary>
    public IReadOnlyList<Point> PointsOf(Candidate candidate) =>
    [
        .. Points.Select(p =>
        {
            var figure = FigureOf(p.Fact, candidate);
            var band = p.Bands.First(b => figure >= b.AtLeast);
            return new Point(p.Fact, band.Points, p.Title, band.Sentence.Replace("{figure}", figure.ToString("#,0.#", CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }),
    ];

    /// <summary>0 to 100.</summary>
    public int ScoreOf(Candidate candidate) => PointsOf(candidate).Sum(p => p.Points);

    private static decimal FigureOf(string fact, Candidate candidate) => fact switch
    {
        Hours => candidate.HoursPerMonth,
        Frequency => candidate.PerMonth,
        Value => candidate.Value,
        _ => candidate.Feasibility,
    };

    private string? Fault()
    {
        if (Scales.Value.Count != Candidate.Highest || Scales.Feasibility.Count != Candidate.Highest)
        {
            return $"value and feasibility each need {Candidate.Highest} meanings.";
        }

        if (!Points.Select(p => p.Fact).Order(StringComparer.Ordinal).SequenceEqual(new[] { Feasibility, Frequency, Hours, Value }, StringComparer.Ordinal))
        {
            return $"each of {Hours}, {Frequency}, {Value} and {Feasibility} needs points once.";
        }

        foreach (var fact in Points)
        {
            if (fact.Bands.Count == 0 || fact.Bands[^1].AtLeast != 0 || fact.Bands.Zip(fact.Bands.Skip(1)).Any(pair => pair.First.AtLeast <= pair.Second.AtLeast))
            {
                return $"the bands of {fact.Fact} go down to 0, the highest first.";
            }

            if (fact.Title.Length == 0 || fact.Bands.Any(b => b.Sentence.Length == 0 || b.Points < 0))
            {
                return $"{fact.Fact} needs a title, and each band a sentence and points of 0 or more.";
            }
        }

        return Points.Sum(p => p.Bands.Max(b => b.Points)) == 100 ? null : "the most points of all facts add up to 100.";
    }
}
