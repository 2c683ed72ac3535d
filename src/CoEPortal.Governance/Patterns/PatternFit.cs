using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Patterns;

/// <summary>A pattern that holds now, as far as a judgement needs it.</summary>
public sealed record CurrentPattern(string Key, int Number, string ContentHash, PatternContent Content);

/// <summary>One thing that a pattern asks, and whether a proposal keeps it.</summary>
public sealed record PatternFact(bool Holds, string Sentence);

/// <summary>Whether a proposal is built as a pattern says. A pure rule: an open question keeps nothing.</summary>
public static class PatternFit
{
    public static IReadOnlyList<PatternFact> Judge(Proposal proposal, PatternContent pattern) =>
    [
        Names("Models", proposal.Endpoints, pattern.Models, "no approved model is named"),
        proposal.DataClass is { } dataClass && pattern.DataClasses.Contains(dataClass)
            ? new(true, $"Data: {Words(dataClass)}.") : new(false, $"Data: {Words(proposal.DataClass)}, but it is for {string.Join(" or ", pattern.DataClasses.Select(c => Words(c)))} data."),
        proposal.Residency is { } residency && pattern.Residencies.Contains(residency)
            ? new(true, $"Kept in: {Words(residency)}.") : new(false, $"Kept in: {Words(proposal.Residency)}, but it is for {string.Join(" or ", pattern.Residencies.Select(r => Words(r)))}."),
        Names("Sources", proposal.DataSources, pattern.DataSources, "no approved source is named"),
    ];

    private static PatternFact Names(string what, IReadOnlyList<string> asked, IReadOnlyList<string> approved, string none)
    {
        var strange = asked.Where(name => !approved.Contains(name.Trim(), StringComparer.OrdinalIgnoreCase)).ToList();
        return asked.Count == 0 ? new(false, $"{what}: {none}.")
            : strange.Count > 0 ? new(false, $"{what}: {string.Join(", ", strange)} {(strange.Count == 1 ? "is" : "are")} not among those approved.")
            : new(true, $"{what}: {string.Join(", ", asked)}.");
    }

    private static string Words(Enum? word) => word switch
    {
        null => "not answered",
        Residency.EuOnly => "the EU",
        Residency.EuAndUk => "the EU and the UK",
        _ => word.ToString().ToLowerInvariant(),
    };
}
