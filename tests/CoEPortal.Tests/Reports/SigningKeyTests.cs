using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Reports;

namespace CoEPortal.Tests.Reports;

/// <summary>The certificate that signs reports.</summary>
public sealed class SigningKeyTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public void The_signing_key_is_made_once_and_only_the_portal_can_read_it()
    {
        using var first = NewKey();
        using var second = NewKey();

        Assert.Equal(first.Certificate.Thumbprint, second.Certificate.Thumbprint);
        var file = Assert.Single(new DirectoryInfo(DataFolder).GetFiles());
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps no file modes.");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public void A_certificate_that_ended_signs_nothing()
    {
        using var key = NewKey();
        Assert.NotNull(key.Certificate);

        Clock.Advance(TimeSpan.FromDays(6 * 365));

        Assert.Contains("ended on", Assert.Throws<PdfUnavailableException>(() => key.Certificate).Message, StringComparison.Ordinal);
    }
}
