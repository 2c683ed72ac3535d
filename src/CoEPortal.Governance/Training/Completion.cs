namespace CoEPortal.Governance.Training;

public enum TrainingSource { Csv, Lms }

/// <summary>That somebody completed a course: a person of the portal, an end user of a gateway, or both.</summary>
public sealed class Completion
{
    private Completion()
    {
    }

    public Guid Id { get; private init; }

    public string CourseKey { get; private init; } = "";

    public int Edition { get; private init; }

    /// <summary>Salted hash of the id that the gateway sends, see <see cref="LearnerHash"/>.</summary>
    public byte[]? Learner { get; private init; }

    public string? PersonId { get; private init; }

    public DateOnly CompletedOn { get; private init; }

    /// <summary>A link, or the number of a certificate.</summary>
    public string Evidence { get; private init; } = "";

    /// <summary>Of what the link leads to, <c>sha256:…</c>.</summary>
    public string? EvidenceHash { get; private init; }

    public TrainingSource Source { get; private init; }

    public string RecordedBy { get; private init; } = "";

    public DateTimeOffset RecordedAt { get; private init; }

    public DateTimeOffset? WithdrawnAt { get; private init; }
}
