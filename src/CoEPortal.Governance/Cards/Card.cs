using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Cards;

/// <summary>A card as it was published, frozen.</summary>
public sealed class CardVersion
{
    private CardVersion()
    {
    }

    public Guid CardId { get; private init; }

    public int Number { get; private init; }

    public CardContent Content { get; private init; } = new();

    public string ContentHash { get; private init; } = "";

    public string PublishedBy { get; private init; } = "";

    public string PublishedByName { get; private init; } = "";

    public DateTimeOffset PublishedAt { get; private init; }

    public DateOnly ExpiresOn { get; private init; }

    internal static CardVersion Freeze(Card card, int number, DateOnly expiresOn, Actor by, DateTimeOffset now) => new()
    {
        CardId = card.Id,
        Number = number,
        Content = card.Draft,
        ContentHash = card.ContentHash,
        PublishedBy = by.Id.Value,
        PublishedByName = by.Name,
        PublishedAt = now,
        ExpiresOn = expiresOn,
    };
}

/// <summary>What is known of a model, or of a whole system. Has an owner, numbered versions, and a day on which it is stale.</summary>
public sealed class Card : Aggregate
{
    public const int NameLength = 200;

    private readonly List<CardVersion> _versions = [];

    private Card()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>E.g. <c>CARD-0001</c>.</summary>
    public string Key { get; private init; } = "";

    public CardKind Kind { get; private init; }

    /// <summary>Of the model, as gateways report it; of the system, its title.</summary>
    public string Name { get; private set; } = "";

    public string ModelVersion { get; private set; } = "";

    /// <summary>Whose system it is; null for a model.</summary>
    public string? UseCaseKey { get; private init; }

    public string OwnerId { get; private set; } = "";

    public string OwnerName { get; private set; } = "";

    public CardContent Draft { get; private set; } = new();

    /// <summary>Of the draft: what is decided on is named by it.</summary>
    public string ContentHash { get; private set; } = "";

    /// <summary>Everybody who changed it since it was last published. None of them publishes it.</summary>
    public List<string> Editors { get; private set; } = [];

    public int LatestVersion { get; private set; }

    /// <summary>Of the latest version.</summary>
    public DateOnly? ExpiresOn { get; private set; }

    public DateTimeOffset ChangedAt { get; private set; }

    public IReadOnlyList<CardVersion> Versions => _versions;

    /// <summary>How gateways and proposals may call this model.</summary>
    internal IReadOnlyList<string> CallNames => [Name, $"{Name}@{ModelVersion}", $"{Name}:{ModelVersion}", $"{Name}-{ModelVersion}"];

    public override (string Type, string Key) AuditSubject => ("card", Key);

    public bool IsCurrent(DateOnly today) => LatestVersion > 0 && ExpiresOn >= today;

    internal static Card Start(string key, CardKind kind, string name, string modelVersion, string? useCaseKey, CardContent content, Actor by, DateTimeOffset now)
    {
        var card = new Card { Id = Guid.CreateVersion7(now), Key = key, Kind = kind, UseCaseKey = useCaseKey, OwnerId = by.Id.Value, OwnerName = by.Name, Editors = [by.Id.Value] };
        card.Take(name, modelVersion, content, now);
        card.Record(new CardStarted(key, kind, card.Name, card.ModelVersion, useCaseKey, by, now));
        return card;
    }

    /// <summary>Takes the text as it stands now. Not an audit event: publishing is.</summary>
    internal void Save(string name, string modelVersion, CardContent content, Actor by, DateTimeOffset now)
    {
        if (!Editors.Contains(by.Id.Value))
        {
            Editors = [.. Editors, by.Id.Value];
        }

        Take(name, modelVersion, content, now);
        Touch();
    }

    internal CardVersion Publish(CardTemplate template, DateOnly expiresOn, DateOnly today, string contentHash, Actor by, DateTimeOffset now)
    {
        AccessPolicy.Demand(by, Permission.DecideReviews);
        Refuse.If(Editors.Contains(by.Id.Value), "own-card", "You wrote on this card, so somebody else publishes it.");
        Refuse.If(contentHash != ContentHash, "content-changed", $"{Key} changed since you opened it. Look again, then publish.");
        Refuse.If(_versions.Exists(v => v.Number == LatestVersion && v.ContentHash == ContentHash && v.ExpiresOn == expiresOn), "nothing-changed", "Nothing changed since the last version.");
        var missing = template.Of(Kind).Where(s => s.Required && IsEmpty(Draft.Section(s.Id))).Select(s => s.Title).ToList();
        Refuse.If(missing.Count > 0, "card-incomplete", $"Still empty: {string.Join(", ", missing)}.");
        Refuse.If(expiresOn <= today || expiresOn > today.AddDays(template.ValidForDays), "expiry-unusable", $"A card is good for at most {template.ValidForDays} days.");
        var version = CardVersion.Freeze(this, LatestVersion + 1, expiresOn, by, now);
        _versions.Add(version);
        (LatestVersion, ExpiresOn, Editors) = (version.Number, expiresOn, []);
        Record(new CardPublished(Key, Name, ModelVersion, UseCaseKey, version.Number, ContentHash, expiresOn, by, now));
        return version;
    }

    internal void GiveTo(Actor owner, Actor by, DateTimeOffset now)
    {
        (OwnerId, OwnerName) = (owner.Id.Value, owner.Name);
        Record(new CardGiven(Key, UseCaseKey, OwnerId, OwnerName, by, now));
    }

    /// <summary>Published cards often carry this where nobody wrote anything.</summary>
    internal static bool IsEmpty(string text) => string.IsNullOrWhiteSpace(text) || text.Trim().Equals("[More Information Needed]", StringComparison.OrdinalIgnoreCase);

    private void Take(string name, string modelVersion, CardContent content, DateTimeOffset now)
    {
        (name, modelVersion) = (name.Trim(), modelVersion.Trim());
        Refuse.If(name.Length is 0 or > NameLength || name.Any(char.IsControl), "name-required", $"Name the model or the system in 1 to {NameLength} characters.");
        Refuse.If(modelVersion.Length > 100 || modelVersion.Any(char.IsControl) || Kind is CardKind.Model && modelVersion.Length == 0, "version-required", "Say which version of the model this is about, in at most 100 characters.");
        (Name, ModelVersion, Draft, ChangedAt) = (name, modelVersion, content, now);
        ContentHash = content.HashOf(Key, Kind, name, modelVersion);
    }
}

public sealed record CardStarted(string Card, CardKind Kind, string Name, string ModelVersion, string? UseCase, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record CardPublished(string Card, string Name, string ModelVersion, string? UseCase, int Number, string ContentHash, DateOnly ExpiresOn, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ContentHash;
}

public sealed record CardGiven(string Card, string? UseCase, string Owner, [property: Personal(nameof(CardGiven.Owner))] string OwnerName, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
