namespace CoEPortal.Governance.Notifications;

/// <summary>Whether notices also leave by e-mail, and what such a mail says.</summary>
/// <param name="PublicUrl">Where people reach the portal, for links; null when no mail is sent.</param>
public sealed record NoticeMail(Uri? PublicUrl)
{
    public static NoticeMail Off { get; } = new((Uri?)null);

    public bool IsOn => PublicUrl is not null;

    /// <summary>Leads through the notification, so that opening the mail's link marks it read.</summary>
    internal string BodyOf(Guid notification, string title, string text)
    {
        var portal = PublicUrl!.AbsoluteUri.TrimEnd('/');
        return $"""
            {title}
            {text}

            {portal}/notifications/{notification}

            -- 
            You are told because it concerns you in the portal. E-mail can be switched off at
            {portal}/notifications
            """.ReplaceLineEndings("\r\n");
    }
}
