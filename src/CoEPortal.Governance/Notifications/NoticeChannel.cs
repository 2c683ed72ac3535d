using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Notifications;

public enum ChannelKind { Slack, Teams }

/// <summary>How a channel is told.</summary>
/// <param name="Kinds">Names of <see cref="NoticeKinds"/> that have words for channels.</param>
/// <param name="TellsTitle">Also says the title of the use case, not only its key.</param>
/// <param name="QuietFrom">Local time from which messages wait, unless they are urgent; null for no quiet hours.</param>
/// <param name="QuietUntil">Local time until which they wait.</param>
public sealed record ChannelDraft(string Name, IReadOnlyList<string> Kinds, bool TellsTitle, TimeOnly? QuietFrom, TimeOnly? QuietUntil, bool IsPaused = false);

/// <summary>
/// A channel of Slack or Teams that is told of occasions. It gets keys and fixed words. Its address is a secret: kept encrypted,
/// shown to nobody, and replaced rather than read.
/// </summary>
public sealed class NoticeChannel : Aggregate
{
    public const int LongestName = 80;

    private NoticeChannel()
    {
    }

    public Guid Id { get; private init; }

    public string Name { get; private set; } = "";

    public ChannelKind Kind { get; private init; }

    /// <summary>Null when the channel was removed.</summary>
    public byte[]? SealedAddress { get; private set; }

    /// <summary>All that is shown of the address.</summary>
    public string Host { get; private set; } = "";

    public List<string> ToldKinds { get; private set; } = [];

    public bool TellsTitle { get; private set; }

    public TimeOnly? QuietFrom { get; private set; }

    public TimeOnly? QuietUntil { get; private set; }

    public bool IsPaused { get; private set; }

    public DateTimeOffset? RemovedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("notice-channel", Id.ToString());

    internal static NoticeChannel Add(ChannelKind kind, Uri address, ChannelDraft draft, PersonalDataKey key, Actor by, DateTimeOffset now)
    {
        var channel = new NoticeChannel { Id = Guid.CreateVersion7(now), Kind = kind };
        channel.Take(Checked(draft));
        channel.Seal(address, key);
        channel.Record(new ChannelAdded(channel.Name, kind, channel.Host, [.. channel.ToldKinds], channel.TellsTitle, by, now));
        return channel;
    }

    /// <param name="address">A new one; null keeps the one there is.</param>
    internal void Change(Uri? address, ChannelDraft draft, PersonalDataKey key, Actor by, DateTimeOffset now)
    {
        DemandThere();
        Take(Checked(draft));
        if (address is not null)
        {
            Seal(address, key);
        }

        Record(new ChannelChanged(Name, Host, address is not null, [.. ToldKinds], TellsTitle, IsPaused, by, now));
    }

    internal void Remove(Actor by, DateTimeOffset now)
    {
        DemandThere();
        (SealedAddress, RemovedAt) = (null, now);
        Record(new ChannelRemoved(Name, by, now));
    }

    internal Uri AddressWith(PersonalDataKey key) =>
        new(Encoding.UTF8.GetString(key.Unwrap(SealedAddress ?? throw new InvalidOperationException("The channel was removed."), SealLabel(Id))));

    /// <summary>What the address is encrypted for: in another channel's row it opens nothing.</summary>
    internal static string SealLabel(Guid channel) => $"notice-channel/{channel}";

    private void Seal(Uri address, PersonalDataKey key) =>
        (SealedAddress, Host) = (key.Wrap(Encoding.UTF8.GetBytes(address.AbsoluteUri), SealLabel(Id)), address.IdnHost);

    private void Take(ChannelDraft draft) =>
        (Name, ToldKinds, TellsTitle, QuietFrom, QuietUntil, IsPaused) = (draft.Name, [.. draft.Kinds], draft.TellsTitle, draft.QuietFrom, draft.QuietUntil, draft.IsPaused);

    private void DemandThere() => Refuse.If(RemovedAt is not null, "channel-removed", "This channel was removed. Add it again with its address.");

    private static ChannelDraft Checked(ChannelDraft draft)
    {
        var name = draft.Name.Trim();
        Refuse.If(name.Length is 0 or > LongestName || name.Any(char.IsControl), "channel-name-required", $"Give the channel a name of at most {LongestName} characters, such as #ai-governance.");
        Refuse.If(draft.Kinds.Count == 0, "kind-required", "Choose at least one kind of occasion that this channel is told of.");
        foreach (var kind in draft.Kinds)
        {
            Refuse.If(NoticeKinds.Find(kind)?.ToChannel is null, "kind-not-for-channels", $"“{kind}” is told to persons, not to channels.");
        }

        QuietHours.Demand(draft.QuietFrom, draft.QuietUntil);
        return draft with { Name = name, Kinds = [.. draft.Kinds.Distinct().Order(StringComparer.Ordinal)] };
    }
}

public sealed record ChannelAdded(
    string Name, ChannelKind Kind, string Host, IReadOnlyList<string> ToldKinds, bool TellsTitle, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record ChannelChanged(
    string Name, string Host, bool IsAddressReplaced, IReadOnlyList<string> ToldKinds, bool TellsTitle, bool IsPaused, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record ChannelRemoved(string Name, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
