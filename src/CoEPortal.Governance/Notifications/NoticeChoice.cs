namespace CoEPortal.Governance.Notifications;

/// <summary>Whether a kind of notice also comes by e-mail. In the portal it always appears.</summary>
public enum MailChoice
{
    AtOnce,

    /// <summary>With the others of the day, on the next morning.</summary>
    Digest,

    Off,
}

/// <summary>What somebody chose for a kind of notice; there is none for “at once”.</summary>
public sealed class NoticeChoice
{
    private NoticeChoice()
    {
    }

    public string PersonId { get; private init; } = "";

    public string Kind { get; private init; } = "";

    public MailChoice Mail { get; internal set; }

    internal static NoticeChoice Of(string person, string kind, MailChoice mail) => new() { PersonId = person, Kind = kind, Mail = mail };
}
