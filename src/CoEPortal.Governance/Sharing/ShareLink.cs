using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Sharing;

/// <summary>Lets whoever holds it read one frozen revision, until a day, without names of people.</summary>
public sealed class ShareLink : Aggregate
{
    public const int LabelLength = 200;
    public const int LongestDays = 90;
    public const int MostOpeningsInADay = 200;

    private ShareLink()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public int Revision { get; private init; }

    /// <summary>For whom it is, in the words of who made it.</summary>
    public string Label { get; private init; } = "";

    /// <summary>SHA-256 of the token, hexadecimal. The token itself is kept nowhere.</summary>
    public string TokenHash { get; private init; } = "";

    public string CreatedBy { get; private init; } = "";

    public string CreatedByName { get; private init; } = "";

    public DateTimeOffset CreatedAt { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public string? RevokedBy { get; private set; }

    public string? RevokedByName { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>The day (UTC) of <see cref="OpenedThatDay"/>.</summary>
    public DateOnly? OpenedOn { get; private set; }

    public int OpenedThatDay { get; private set; }

    public int Openings { get; private set; }

    public DateTimeOffset? LastOpenedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("share-link", Id.ToString());

    public bool IsOpen(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;

    /// <returns>The link and its token, which exists nowhere else.</returns>
    internal static (ShareLink Link, string Token) Make(UseCase useCase, int revision, string label, int days, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ShareUseCases, useCase.Subject);
        Refuse.If(useCase.Revisions.All(r => r.Number != revision), "not-submitted", $"{useCase.Key} has no submitted revision {revision}. Only what is frozen can be shared.");
        Refuse.If(label.Trim().Length is 0 or > LabelLength || label.Any(char.IsControl), "label-required", $"Say for whom it is, in 1 to {LabelLength} characters.");
        Refuse.If(days is < 1 or > LongestDays, "expiry-unusable", $"A link is good for 1 to {LongestDays} days.");
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var link = new ShareLink
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCase.Key,
            Revision = revision,
            Label = label.Trim(),
            TokenHash = HashOf(token),
            CreatedBy = by.Id.Value,
            CreatedByName = by.Name,
            CreatedAt = now,
            ExpiresAt = now.AddDays(days),
        };
        link.Record(new ShareLinkMade(useCase.Key, revision, link.Label, link.ExpiresAt, by, now));
        return (link, token);
    }

    internal void Revoke(Actor by, DateTimeOffset now)
    {
        Refuse.If(RevokedAt is not null, "already-revoked", "This link opens nothing any more already.");
        (RevokedBy, RevokedByName, RevokedAt) = (by.Id.Value, by.Name, now);
        Record(new ShareLinkRevoked(UseCaseKey, Revision, by, now));
    }

    internal void Open(DateTimeOffset now)
    {
        var day = DateOnly.FromDateTime(now.UtcDateTime);
        var before = OpenedOn == day ? OpenedThatDay : 0;
        Refuse.If(before >= MostOpeningsInADay, "opened-too-often", "This link was opened very often today. Try it again tomorrow.");
        (OpenedOn, OpenedThatDay, Openings, LastOpenedAt) = (day, before + 1, Openings + 1, now);
        Record(new ShareLinkOpened(UseCaseKey, Revision, Openings, Actor.Rule("share-link"), now));
    }

    internal static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

public sealed record ShareLinkMade(string Key, int Revision, [property: Personal] string Label, DateTimeOffset ExpiresAt, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record ShareLinkRevoked(string Key, int Revision, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}

public sealed record ShareLinkOpened(string Key, int Revision, int Openings, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Key;
}
