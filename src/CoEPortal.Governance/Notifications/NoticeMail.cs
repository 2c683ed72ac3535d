namespace CoEPortal.Governance.Notifications;

/// <summary>Whether notices also leave by e-mail, and what such a mail says.</summary>
/// <param name="PublicUrl">Where people reach the portal, for links; null when no mail is sent.</param>
public sealed record NoticeMail(Uri? PublicUrl)
{
    public static NoticeMail Off { get; } = new((Uri?)null);

    public bool IsOn => PublicUrl is not null;

    /// <summary>Leads through the notification, so that opening the mail's link marks it read.</summary>
    /// <summary>Everything since the last morning, one line each with its link.</summary>
    internal string DigestOf(IReadOnlyList<(Guid Id, string Title)> notices, int more)
    {
        var portal = PublicUrl!.AbsoluteUri.TrimEnd('/');
        return $"""
            {string.Join("\n", notices.Select(n => $"{n.Title}\n{portal}/notifications/{n.Id}\n"))}
            {(more > 0 ? $"And {more} more: {portal}/notifications\n" : "")}
            -- 
            You asked to be told of these once a day. What comes how is chosen at
            {portal}/notifications/settings
            """.ReplaceLineEndings("\r\n");
    }

    internal string BodyOf(Guid notification, string title, string text)
    {
        var portal = PublicUrl!.AbsoluteUri.TrimEnd('/');
        return $"""
            {title}
            {text}

            {portal}/notifications/{notification}

            -- 
            You are told because it concerns you in the portal. What comes by e-mail is chosen at
            {portal}/notifications/settings
            """.ReplaceLineEndings("\r\n");
    }
}
