using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Policies;

/// <summary>A version of a policy, frozen, with the day from which it holds.</summary>
public sealed class PolicyVersion : Aggregate
{
    private PolicyVersion()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>acceptable-use</c>.</summary>
    public string Policy { get; private init; } = "";

    public int Number { get; private init; }

    public string Title { get; private init; } = "";

    public string Text { get; private init; } = "";

    public string ContentHash { get; private init; } = "";

    public DateOnly EffectiveOn { get; private init; }

    public string PublishedBy { get; private init; } = "";

    public string PublishedByName { get; private init; } = "";

    public DateTimeOffset PublishedAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("policy", FormattableString.Invariant($"{Policy}/{Number}"));

    internal static PolicyVersion Publish(PolicyText text, Actor by, DateTimeOffset now)
    {
        var published = new PolicyVersion
        {
            Id = Guid.CreateVersion7(now),
            Policy = text.Policy,
            Number = text.Number,
            Title = text.Title,
            Text = text.Text,
            ContentHash = HashOf(text),
            EffectiveOn = text.EffectiveOn,
            PublishedBy = by.Id.Value,
            PublishedByName = by.Name,
            PublishedAt = now,
        };
        published.Record(new PolicyPublished(text.Policy, text.Number, published.ContentHash, text.EffectiveOn, by, now));
        return published;
    }

    internal static string HashOf(PolicyText text) =>
        Evidence.ContentHash.OfBytes(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{text.Policy}\n{text.Number}\n{text.Title}\n{text.Text}"))).ToString();
}

/// <summary>Somebody has read a version of a policy and follows it.</summary>
public sealed class Acknowledgement : Aggregate
{
    private Acknowledgement()
    {
    }

    public Guid Id { get; private init; }

    public string Policy { get; private init; } = "";

    public int Number { get; private init; }

    public string PersonId { get; private init; } = "";

    public string PersonName { get; private init; } = "";

    public string ContentHash { get; private init; } = "";

    public DateTimeOffset AcknowledgedAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("acknowledgement", Id.ToString());

    /// <param name="contentHash">As the person was shown it.</param>
    internal static Acknowledgement Of(PolicyVersion version, string contentHash, Actor by, DateTimeOffset now)
    {
        Refuse.If(!by.Id.IsOfAPerson, "not-permitted", "Only people acknowledge policies.");
        Refuse.If(contentHash != version.ContentHash, "content-changed", $"This is not version {version.Number} of {version.Title}. Read it as it is now.");
        var read = new Acknowledgement
        {
            Id = Guid.CreateVersion7(now),
            Policy = version.Policy,
            Number = version.Number,
            PersonId = by.Id.Value,
            PersonName = by.Name,
            ContentHash = contentHash,
            AcknowledgedAt = now,
        };
        read.Record(new PolicyAcknowledged(version.Policy, version.Number, contentHash, by, now));
        return read;
    }
}

internal sealed class PolicyVersionMapping : IEntityTypeConfiguration<PolicyVersion>
{
    public void Configure(EntityTypeBuilder<PolicyVersion> builder) => builder.Ignore(p => p.AuditSubject);
}

internal sealed class AcknowledgementMapping : IEntityTypeConfiguration<Acknowledgement>
{
    public void Configure(EntityTypeBuilder<Acknowledgement> builder) => builder.Ignore(a => a.AuditSubject);
}

public sealed record PolicyPublished(string Policy, int Number, string ContentHash, DateOnly EffectiveOn, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ContentHash;
}

public sealed record PolicyAcknowledged(string Policy, int Number, string ContentHash, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ContentHash;
}
