namespace CoEPortal.Governance.Training;

public enum TrainingSource
{
    Csv,
    Lms,

    /// <summary>By hand, one at a time.</summary>
    Form,
}

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

    /// <summary>A link, the number of a certificate, or what the file is that is kept.</summary>
    public string Evidence { get; private init; } = "";

    /// <summary>Of what the link leads to or of the file, <c>sha256:…</c>.</summary>
    public string? EvidenceHash { get; private init; }

    /// <summary>Null where no certificate is kept, or no longer.</summary>
    public string? FileType { get; private init; }

    public int? FileLength { get; private init; }

    public TrainingSource Source { get; private init; }

    public string RecordedBy { get; private init; } = "";

    public DateTimeOffset RecordedAt { get; private init; }

    public DateTimeOffset? WithdrawnAt { get; private init; }
}

/// <summary>The certificate of a completion, as it was given; read only when somebody asks for it.</summary>
public sealed class Certificate
{
    public Guid CompletionId { get; internal init; }

    public byte[] Content { get; internal init; } = [];
}
