using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Tests.Evidence;

public sealed class SigningCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void A_certificate_is_for_signing_documents_and_nothing_else()
    {
        using var certificate = SigningCertificate.Create("Example", Now);

        var usage = certificate.Extensions.OfType<X509KeyUsageExtension>().Single();
        var purpose = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single();
        Assert.Equal(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, usage.KeyUsages);
        Assert.Equal("1.3.6.1.5.5.7.3.36", Assert.Single(purpose.EnhancedKeyUsages.Cast<Oid>()).Value);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(Now.AddYears(5), new DateTimeOffset(certificate.NotAfter));
    }

    [Theory]
    [InlineData("Example, CN=Root")]
    [InlineData("a+b=c\"<>;#\\")]
    [InlineData("Müller & Söhne 株式会社")]
    public void A_name_stays_a_name_whatever_is_in_it(string organisation)
    {
        using var certificate = SigningCertificate.CreateEcdsa(organisation, Now);

        var parts = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Select(p => p.GetSingleElementValue());
        Assert.Equal([organisation, "AI governance portal"], parts);
    }

    [Fact]
    public void An_organisation_without_a_name_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SigningCertificate.Create(" ", Now));
        Assert.Throws<ArgumentException>(() => SigningCertificate.Create(new string('x', 65), Now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stored_certificate_signs_as_before(bool rsa)
    {
        using var certificate = rsa ? SigningCertificate.Create("Example", Now) : SigningCertificate.CreateEcdsa("Example", Now);
        using var fromPem = SigningCertificate.FromPem(SigningCertificate.ToPem(certificate));
        using var fromPfx = SigningCertificate.FromPfx(SigningCertificate.ToPfx(fromPem, "secret"), "secret");

        foreach (var stored in new[] { fromPem, fromPfx })
        {
            var pdf = PdfEvidence.Attach(PlainPdf.OnePage(), [], new PdfSignature(stored, Now, "Test"));
            Assert.Equal(SigningCertificate.Fingerprint(certificate), PdfSignatureCheck.Verify(pdf).Signer?.CertificateFingerprint);
        }
    }

    [Fact]
    public void Another_password_or_a_file_without_key_is_refused()
    {
        using var certificate = SigningCertificate.CreateEcdsa("Example", Now);
        var pfx = SigningCertificate.ToPfx(certificate, "secret");

        Assert.ThrowsAny<CryptographicException>(() => SigningCertificate.FromPfx(pfx, "guess"));
        Assert.ThrowsAny<CryptographicException>(() => SigningCertificate.FromPem(certificate.ExportCertificatePem()));
    }
}
