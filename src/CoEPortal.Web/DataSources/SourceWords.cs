using CoEPortal.Governance.DataSources;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;
using CoEPortal.Web.Intake;

namespace CoEPortal.Web.DataSources;

/// <summary>Data sources as people read them.</summary>
internal static class SourceWords
{
    public static IReadOnlyList<Choice<Safeguard>> Safeguards { get; } = [.. Enum.GetValues<Safeguard>().Select(s => new Choice<Safeguard>(s, Of(s)))];

    public static string Of(Safeguard safeguard) => safeguard switch
    {
        Safeguard.Adequacy => "Adequacy decision",
        Safeguard.StandardClauses => "Standard clauses (SCC)",
        Safeguard.BindingRules => "Binding rules (BCR)",
        Safeguard.Derogation => "Exception, Art. 49",
        _ => "None named",
    };

    public static State StateOf(Safeguard safeguard) => safeguard switch
    {
        Safeguard.None => new(Of(safeguard), "block", Tone.Bad),
        Safeguard.Derogation => new(Of(safeguard), "warning", Tone.Warning),
        _ => new(Of(safeguard), "check", Tone.Good),
    };

    public static string Of(PersonalData personalData) => personalData switch { PersonalData.None => "No personal data", PersonalData.Ordinary => "Personal data", _ => "Special categories" };

    public static string Place(Residency residency) => ProposalWords.Residencies.First(r => r.Value == residency).Title;
}
