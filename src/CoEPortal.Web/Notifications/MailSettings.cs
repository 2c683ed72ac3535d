using System.Globalization;
using System.Net.Mail;
using CoEPortal.Web.SignIn;

namespace CoEPortal.Web.Notifications;

/// <summary>The mail server that takes what the portal sends: settings <c>Smtp__*</c> and <c>Portal__PublicUrl</c>.</summary>
public sealed record MailSettings(string Host, int Port, bool UseTls, MailAddress From, string? User, string? Password, Uri PublicUrl)
{
    private const int Submission = 587;
    private const int Relay = 25;

    /// <returns>Null when no server is named: then no mail is queued.</returns>
    /// <exception cref="InvalidOperationException">Something is missing or dangerous; the message says what to set.</exception>
    public static MailSettings? Read(IConfiguration settings)
    {
        if (settings["Smtp:Host"] is not { Length: > 0 } host)
        {
            return null;
        }

        var useTls = settings.GetValue("Smtp:UseTls", true);
        var user = settings["Smtp:User"] is { Length: > 0 } name ? name : null;
        if (user is not null && !useTls && !ListeningAddresses.IsThisMachineOnly($"http://{host}"))
        {
            throw new InvalidOperationException("Smtp__UseTls is false, so Smtp__Password would travel readable: use TLS, or no Smtp__User.");
        }

        return new MailSettings(
            host,
            settings["Smtp:Port"] is { Length: > 0 } port ? PortOf(port) : useTls ? Submission : Relay,
            useTls,
            MailAddress.TryCreate(settings["Smtp:From"], out var from)
                ? from : throw new InvalidOperationException("Smtp__From must be the address that mail comes from, such as portal@example.org."),
            user,
            settings["Smtp:Password"],
            Uri.TryCreate(settings["Portal:PublicUrl"], UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
                ? url : throw new InvalidOperationException("Portal__PublicUrl must be where people reach the portal, such as https://portal.example.org: mail links to it."));
    }

    private static int PortOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536
            ? port : throw new InvalidOperationException($"Smtp__Port is no port: {text}.");
}
