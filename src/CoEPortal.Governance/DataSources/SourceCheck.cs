using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.DataSources;

/// <summary>A source that a proposal names.</summary>
/// <param name="Source">Null when it is not registered.</param>
/// <param name="Conflicts">Where the proposal promises less than the source asks, each a sentence.</param>
public sealed record NamedSource(string Name, DataSource? Source, IReadOnlyList<string> Conflicts);

/// <summary>Compares what a one-pager says with the sources that it names. A pure rule; an open answer conflicts with nothing yet.</summary>
public static class SourceCheck
{
    public static IReadOnlyList<NamedSource> Of(Proposal proposal, IReadOnlyList<DataSource> register) =>
    [
        .. proposal.DataSources.Select(name =>
        {
            var source = register.FirstOrDefault(s => s.RetiredAt is null && (string.Equals(s.Name, name.Trim(), StringComparison.OrdinalIgnoreCase) || s.Key == name.Trim()));
            return new NamedSource(name, source, source is null ? [] : [.. Conflicts(proposal, source)]);
        }),
    ];

    private static IEnumerable<string> Conflicts(Proposal proposal, DataSource source)
    {
        if (proposal.Residency > source.Residency)
        {
            yield return $"{source.Name} may be processed in {Place(source.Residency)} only; the one-pager says {Place(proposal.Residency.Value)}.";
        }

        if (proposal.DataClass < source.DataClass)
        {
            yield return $"{source.Name} is {Lowered(source.DataClass)}; the one-pager says at most {Lowered(proposal.DataClass.Value)}.";
        }

        if (proposal.PersonalData < source.PersonalData)
        {
            yield return $"{source.Name} holds {(source.PersonalData is PersonalData.Special ? "special categories of personal data" : "personal data")}; the one-pager says {(proposal.PersonalData is PersonalData.None ? "none" : "only ordinary")}.";
        }
    }

    private static string Place(Residency residency) => residency switch { Residency.EuOnly => "the EU", Residency.EuAndUk => "the EU and the UK", _ => "any country" };

    private static string Lowered(DataClass dataClass) => dataClass.ToString().ToLowerInvariant();
}
