using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Patterns;

/// <summary>A pattern as it was published, frozen.</summary>
public sealed class PatternVersion
{
    private PatternVersion()
    {
    }

    public Guid PatternId { get; private init; }

    public int Number { get; private init; }

    public PatternContent Content { get; private init; } = new();

    public string ContentHash { get; private init; } = "";

    /// <summary>Who wrote on it since the version before.</summary>
    public List<string> Authors { get; private init; } = [];

    public string PublishedBy { get; private init; } = "";

    public string PublishedByName { get; private init; } = "";

    public DateTimeOffset PublishedAt { get; private init; }

    public DateOnly ExpiresOn { get; private init; }

    internal static PatternVersion Freeze(Pattern pattern, int number, DateOnly expiresOn, Actor by, DateTimeOffset now) => new()
    {
        PatternId = pattern.Id,
        Number = number,
        Content = pattern.Draft,
        ContentHash = pattern.ContentHash,
        Authors = [.. pattern.Editors],
        PublishedBy = by.Id.Value,
        PublishedByName = by.Name,
        PublishedAt = now,
        ExpiresOn = expiresOn,
    };
}

/// <summary>
/// A way to build that was cleared beforehand: what follows it takes the fast lane, for as long as it is published, has not
/// expired and was not withdrawn.
/// </summary>
public sealed class Pattern : Aggregate
{
    public const int LongestDays = 366;
    public const int ReasonLength = 1000;

    private readonly List<PatternVersion> _versions = [];

    private Pattern()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>PAT-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public string Title { get; private set; } = "";

    public string OwnerId { get; private set; } = "";

    public string OwnerName { get; private set; } = "";

    public PatternContent Draft { get; private set; } = new();

    /// <summary>Of the draft.</summary>
    public string ContentHash { get; private set; } = "";

    /// <summary>Everybody who changed it since it was last published. None of them publishes it.</summary>
    public List<string> Editors { get; private set; } = [];

    public int LatestVersion { get; private set; }

    /// <summary>The end of the day on which the latest version expires.</summary>
    public DateTimeOffset? GoodUntil { get; private set; }

    public DateTimeOffset? WithdrawnAt { get; private set; }

    public string? WithdrawnBy { get; private set; }

    public string? WithdrawReason { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    public IReadOnlyList<PatternVersion> Versions => _versions;

    public override (string Type, string Key) AuditSubject => ("pattern", Key);

    public bool IsCurrent(DateTimeOffset now) => LatestVersion > 0 && WithdrawnAt is null && GoodUntil > now;

    internal static Pattern Start(string key, PatternContent content, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.ManagePatterns);
        var pattern = new Pattern { Id = Guid.CreateVersion7(now), Key = key, OwnerId = by.Id.Value, OwnerName = by.Name, Editors = [by.Id.Value] };
        pattern.Take(content, now);
        pattern.Record(new PatternStarted(key, by, now));
        return pattern;
    }

    /// <summary>Takes the text as it stands now. Not an audit event: publishing is.</summary>
    internal void Save(PatternContent content, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        if (!Editors.Contains(by.Id.Value))
        {
            Editors = [.. Editors, by.Id.Value];
        }

        Take(content, now);
        Touch();
    }

    /// <param name="contentHash">As the person was shown it.</param>
    internal PatternVersion Publish(string contentHash, DateOnly expiresOn, DateOnly today, DateTimeOffset goodUntil, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        Refuse.If(Editors.Contains(by.Id.Value), "own-pattern", "You wrote on this pattern, so another CoE lead publishes it.");
        Refuse.If(contentHash != ContentHash, "content-changed", $"{Key} changed since you opened it. Look again, then publish.");
        Refuse.If(_versions.Exists(v => v.Number == LatestVersion && v.ContentHash == ContentHash && v.ExpiresOn == expiresOn), "nothing-changed", "Nothing changed since the last version.");
        var missing = Draft.Missing().ToList();
        Refuse.If(missing.Count > 0, "pattern-incomplete", $"Still open: {string.Join(", ", missing)}.");
        Refuse.If(expiresOn <= today || expiresOn > today.AddDays(LongestDays), "expiry-unusable", $"A pattern is good until a day after today, and at most for {LongestDays} days. Then somebody looks at it again.");
        var version = PatternVersion.Freeze(this, LatestVersion + 1, expiresOn, by, now);
        _versions.Add(version);
        (LatestVersion, GoodUntil, Editors, ChangedAt) = (version.Number, goodUntil, [], now);
        Record(new PatternPublished(Key, version.Number, ContentHash, expiresOn, by, now));
        return version;
    }

    /// <summary>For good. What was cleared by it is cleared no more.</summary>
    internal void Withdraw(string reason, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        Refuse.If(LatestVersion == 0, "not-published", $"{Key} was never published, so nothing relies on it.");
        Refuse.If(string.IsNullOrWhiteSpace(reason), "reason-required", "Say why it is withdrawn: those who rely on it will read it.");
        Refuse.If(reason.Length > ReasonLength, "reason-too-long", $"Write at most {ReasonLength:N0} characters.");
        (WithdrawnAt, WithdrawnBy, WithdrawReason, ChangedAt) = (now, by.Id.Value, reason.Trim(), now);
        Record(new PatternWithdrawn(Key, WithdrawReason, by, now));
    }

    internal void GiveTo(Actor owner, Actor by, DateTimeOffset now)
    {
        DemandOpen(by);
        (OwnerId, OwnerName, ChangedAt) = (owner.Id.Value, owner.Name, now);
        Record(new PatternGiven(Key, OwnerId, OwnerName, by, now));
    }

    private void DemandOpen(Actor by)
    {
        AccessPolicy.Demand(by, Permission.ManagePatterns);
        Refuse.If(WithdrawnAt is not null, "withdrawn", $"{Key} was withdrawn for good. Write another pattern instead.");
    }

    private void Take(PatternContent content, DateTimeOffset now)
    {
        Draft = content.Checked();
        (Title, ContentHash, ChangedAt) = (Draft.Title, Draft.HashOf(Key), now);
    }
}

public sealed record PatternStarted(string Pattern, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record PatternPublished(string Pattern, int Number, string ContentHash, DateOnly ExpiresOn, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? SignedContent => ContentHash;
}

public sealed record PatternWithdrawn(string Pattern, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record PatternGiven(string Pattern, string Owner, [property: Personal(nameof(PatternGiven.Owner))] string OwnerName, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
