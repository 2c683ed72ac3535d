using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Dpia;

/// <summary>An assessment as it was signed off, frozen.</summary>
public sealed class DpiaVersion
{
    private DpiaVersion()
    {
    }

    public Guid AssessmentId { get; private init; }

    public int Number { get; private init; }

    public DpiaContent Content { get; private init; } = new();

    public string ContentHash { get; private init; } = "";

    public string SignedBy { get; private init; } = "";

    public string SignedByName { get; private init; } = "";

    public DateTimeOffset SignedAt { get; private init; }

    public DateOnly ReviewOn { get; private init; }

    internal static DpiaVersion Freeze(ImpactAssessment of, int number, DateOnly reviewOn, Actor by, DateTimeOffset now) => new()
    {
        AssessmentId = of.Id,
        Number = number,
        Content = of.Draft,
        ContentHash = of.ContentHash,
        SignedBy = by.Id.Value,
        SignedByName = by.Name,
        SignedAt = now,
        ReviewOn = reviewOn,
    };
}
