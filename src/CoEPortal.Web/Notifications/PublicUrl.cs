namespace CoEPortal.Web.Notifications;

/// <summary>Where people reach the portal (<c>Portal__PublicUrl</c>), for links in what leaves it.</summary>
public static class PublicUrl
{
    /// <returns>Null when it is not set: then messages have no link.</returns>
    public static Uri? Read(IConfiguration settings) => settings["Portal:PublicUrl"] is not { Length: > 0 } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? url
        : throw new InvalidOperationException("Portal__PublicUrl must be where people reach the portal, such as https://portal.example.org.");
}
