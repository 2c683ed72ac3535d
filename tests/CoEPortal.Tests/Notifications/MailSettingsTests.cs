using CoEPortal.Web.Notifications;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Tests.Notifications;

public sealed class MailSettingsTests
{
    [Fact]
    public void Without_a_host_there_is_no_mail() => Assert.Null(Read(("Smtp:From", "portal@example.org"), ("Portal:PublicUrl", "https://portal.example.org")));

    [Fact]
    public void Mail_is_encrypted_and_submitted_unless_somebody_says_otherwise()
    {
        var settings = Read(("Smtp:Host", "mail"), ("Smtp:From", "portal@example.org"), ("Portal:PublicUrl", "https://portal.example.org"))!;

        Assert.Equal((587, true, null), (settings.Port, settings.UseTls, settings.User));
    }

    [Theory]
    [InlineData(null, "https://portal.example.org", "25", "Smtp__From")]
    [InlineData("nobody", "https://portal.example.org", "25", "Smtp__From")]
    [InlineData("portal@example.org", null, "25", "Portal__PublicUrl")]
    [InlineData("portal@example.org", "/portal", "25", "Portal__PublicUrl")]
    [InlineData("portal@example.org", "file:///portal", "25", "Portal__PublicUrl")]
    [InlineData("portal@example.org", "https://portal.example.org", "smtp", "Smtp__Port")]
    [InlineData("portal@example.org", "https://portal.example.org", "70000", "Smtp__Port")]
    public void A_portal_that_could_not_send_refuses_to_start_and_says_what_to_set(string? from, string? url, string port, string named)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Read(("Smtp:Host", "mail"), ("Smtp:From", from), ("Portal:PublicUrl", url), ("Smtp:Port", port)));

        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mail.example.org", true)]
    [InlineData("localhost", false)]
    [InlineData("127.0.0.1", false)]
    public void A_password_travels_unencrypted_only_on_this_machine(string host, bool isRefused)
    {
        var attempt = Record.Exception(() => Read(
            ("Smtp:Host", host), ("Smtp:UseTls", "false"), ("Smtp:User", "portal"), ("Smtp:Password", "x"), ("Smtp:From", "portal@example.org"), ("Portal:PublicUrl", "https://portal.example.org")));

        Assert.Equal(isRefused, attempt is InvalidOperationException);
    }

    private static MailSettings? Read(params (string Name, string? Value)[] settings) =>
        MailSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(s => s.Name, s => s.Value)).Build());
}
