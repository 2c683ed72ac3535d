using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;

namespace CoEPortal.Web.Notifications;

/// <summary>
/// Hands one message to the mail server. The seam to the mail library: this is all that knows SMTP. Plain text only, so
/// that nothing a user wrote becomes markup.
/// </summary>
public sealed class MailSender(MailSettings? settings)
{
    /// <summary>Well below the lease of a message, or another worker would send it meanwhile.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    public bool IsOn => settings is not null;

    public async Task SendAsync(OutboxMessage message, CancellationToken cancellation = default)
    {
        var server = settings ?? throw new InvalidOperationException("No mail server is set (Smtp__Host).");
        using var mail = MailOf(message, server.From);
        using var client = new SmtpClient(server.Host, server.Port)
        {
            EnableSsl = server.UseTls,
            UseDefaultCredentials = false,
            Credentials = server.User is null ? null : new NetworkCredential(server.User, server.Password),
        };
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bounded.CancelAfter(Timeout);
        try
        {
            // While it connects the client heeds no token, so it is left alone with that.
            await client.SendMailAsync(mail, bounded.Token).WaitAsync(bounded.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{server.Host} did not take the message within {Timeout.TotalSeconds:0} s.");
        }
    }

    /// <summary>The same id at every attempt, so that a mailbox recognises a message that was sent twice.</summary>
    public static string MessageIdOf(string dedupeKey, MailAddress from) =>
        $"<{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dedupeKey)))[..40]}@{from.Host}>";

    // MailAddress reads "a@b, c@d" as a name and an address.
    private static MailAddress RecipientOf(OutboxMessage message) => EmailAddress.IsPlain(message.Recipient)
        ? new MailAddress(message.Recipient)
        : throw new InvalidOperationException("The recipient is not one plain address.");

    private static MailMessage MailOf(OutboxMessage message, MailAddress from) => new(from, RecipientOf(message))
    {
        Subject = message.Subject,
        SubjectEncoding = Encoding.UTF8,
        Body = message.Body,
        BodyEncoding = Encoding.UTF8,
        BodyTransferEncoding = TransferEncoding.Base64,
        IsBodyHtml = false,
        Headers =
        {
            ["Message-ID"] = MessageIdOf(message.DedupeKey, from),
            // RFC 3834: keeps out-of-office answers away.
            ["Auto-Submitted"] = "auto-generated",
        },
    };
}
