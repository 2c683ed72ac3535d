using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Gates;

/// <summary>What a use case in service has to have: a system card, an impact assessment, artefacts that pass their gate.</summary>
public enum DutyRecord { Card, Dpia, Gate }

public sealed record Duty
{
    public DutyRecord Record { get; init; }

    public List<Lane> Lanes { get; init; } = [];

    /// <summary>Only where the approved one-pager says that it works on personal data.</summary>
    public bool OnlyPersonalData { get; init; }

    public bool Holds(Lane lane, PersonalData? personalData) => Lanes.Contains(lane) && (!OnlyPersonalData || personalData is not PersonalData.None);
}

/// <summary>Which lane asks for what, and how long somebody may be without it (<c>templates/gates/duties-*.yaml</c>).</summary>
public sealed record DutyRules : IVersionedFile
{
    public const string Files = "duties-*.yaml";

    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    public int GraceDays { get; init; }

    public List<Duty> Duties { get; init; } = [];

    public IEnumerable<(string Word, string Sentence)> Faults()
    {
        if (GraceDays is < 1 or > 365)
        {
            yield return ("graceDays", "graceDays is 1 to 365: nothing is denied without warning.");
        }

        foreach (var duty in Duties.Where(d => d.Lanes.Count == 0 || Duties.Count(o => o.Record == d.Record) > 1))
        {
            yield return (duty.Record.ToString().ToLowerInvariant(), $"The duty '{duty.Record}' needs a lane, and stands there once.");
        }
    }
}
