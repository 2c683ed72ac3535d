using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Tests.Evidence;

public sealed class PdfSignatureCheckTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, TimeSpan.FromHours(1));
    private static readonly X509Certificate2 Rsa = SigningCertificate.Create("Example & Sons, \"AI\" CoE", Now);
    private static readonly X509Certificate2 Ecdsa = SigningCertificate.CreateEcdsa("Example", Now);
    private static readonly byte[] Signed = Sign(Rsa);

    public static TheoryData<string> Keys => ["RSA", "ECDSA"];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_certified_report_names_its_signer(string key)
    {
        var certificate = key is "RSA" ? Rsa : Ecdsa;

        var report = PdfSignatureCheck.Verify(Sign(certificate));

        Assert.Null(report.Refusal);
        Assert.Equal(
            new PdfSigner(SigningCertificate.Fingerprint(certificate), certificate.Subject, Now, "Audit pack für UC-0001 (final)"),
            report.Signer);
    }

    [Fact]
    public void A_certified_report_still_gives_its_attachments()
    {
        Assert.Equal("{}"u8, Assert.Single(PdfEvidence.Extract(Signed)).Data.Span);
    }

    [Fact]
    public void A_file_without_signature_is_refused()
    {
        Assert.Equal("The PDF is not signed.", Refusal(PlainPdf.OnePage()));
        Assert.Equal("The PDF is not signed.", Refusal(PdfEvidence.Attach(PlainPdf.OnePage(), [])));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void One_changed_byte_is_refused_wherever_it_is(string key)
    {
        var signed = key is "RSA" ? Signed : Sign(Ecdsa);
        var random = new Random(300);
        var (start, end) = Contents(signed);
        var everywhere = Enumerable.Range(0, 300).Select(_ => random.Next(signed.Length));
        var aroundTheSignature = Enumerable.Range(0, 300).Select(_ => random.Next(start - 2, end + 2));

        foreach (var position in everywhere.Concat(aroundTheSignature))
        {
            // One bit; another letter case; another hexadecimal digit.
            foreach (var change in new byte[] { (byte)(1 << random.Next(8)), 0x20, (byte)random.Next(1, 16) })
            {
                var changed = signed.ToArray();
                changed[position] ^= change;
                Assert.False(PdfSignatureCheck.Verify(changed).Holds, $"byte {position}, changed by {change:x2}");
            }
        }
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        foreach (var length in Enumerable.Range(0, Signed.Length - 1).Where(l => l % 97 is 0).Append(Signed.Length - 1))
        {
            Assert.False(PdfSignatureCheck.Verify(Signed[..length]).Holds, $"cut to {length}");
        }
    }

    [Theory]
    [InlineData("\n")]
    [InlineData(" ")]
    [InlineData("% a comment\n")]
    [InlineData("%%EOF\n")]
    public void Whatever_is_appended_is_refused(string appended)
    {
        Assert.NotNull(Refusal([.. Signed, .. Encoding.ASCII.GetBytes(appended)]));
    }

    [Fact]
    public void A_later_revision_is_refused_though_viewers_would_show_it()
    {
        var position = Signed.Length;
        var xref = Encoding.ASCII.GetString(Signed).LastIndexOf("xref\n", StringComparison.Ordinal);
        var previous = Encoding.ASCII.GetString(Signed, xref, Signed.Length - xref).Split('\n')[1];
        var page = "4 0 obj\n<</Length 1>>\nstream\n\n\nendstream\nendobj\n";
        var update = string.Create(
            CultureInfo.InvariantCulture,
            $"{page}xref\n4 1\n{position:0000000000} 00000 n \ntrailer\n<</Size 50/Root 1 0 R/Prev {previous}>>\nstartxref\n{position + page.Length}\n%%EOF\n");

        Assert.Equal("The signature does not cover the whole file.", Refusal([.. Signed, .. Encoding.ASCII.GetBytes(update)]));
    }

    [Fact]
    public void A_second_signature_is_refused()
    {
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Attach(Signed, [], new PdfSignature(Rsa, Now, "Again")));
    }

    [Theory]
    // The range leaves out the end of the file, where a later revision would be.
    [InlineData(0, 0, 0, -1)]
    // The gap takes in what stands before the signature.
    [InlineData(0, -1, 0, 0)]
    [InlineData(0, 0, 1, -1)]
    [InlineData(1, -1, 0, 0)]
    public void A_signature_over_less_than_the_file_is_refused_even_when_it_matches(int a, int b, int c, int d)
    {
        var (start, end) = Contents(Signed);
        int[] range = [a, start + b, end + c, Signed.Length - end + d];

        Assert.Equal("The signature does not cover the whole file.", Refusal(Resigned(Signed, range, Rsa)));
        Assert.Null(Refusal(Resigned(Signed, [0, start, end, Signed.Length - end], Rsa)));
    }

    [Fact]
    public void A_certification_that_allows_changes_is_refused()
    {
        var text = Encoding.Latin1.GetString(Signed);
        var formFilling = Encoding.Latin1.GetBytes(text.Replace("/P 1\n", "/P 2\n", StringComparison.Ordinal));

        Assert.Equal("The signature does not certify that no change is allowed.", Refusal(formFilling));
    }

    [Fact]
    public void A_signature_that_brings_its_own_content_is_refused()
    {
        var cms = Cms(Covered(Signed), detached: false);

        Assert.NotNull(Refusal(WithCms(Signed, cms)));
    }

    [Fact]
    public void A_signature_that_does_not_name_its_certificate_is_refused()
    {
        var cms = Cms(Covered(Signed), names: Ecdsa);

        Assert.Equal("The signature does not name the certificate it was made with.", Refusal(WithCms(Signed, cms)));
    }

    [Fact]
    public void Parts_that_the_signature_does_not_protect_are_refused()
    {
        var unsigned = Cms(Covered(Signed), signer => signer.UnsignedAttributes.Add(new AsnEncodedData(new Oid("1.2.3.4"), [0x05, 0x00])));
        var companion = Cms(Covered(Signed), signer => signer.Certificates.Add(Ecdsa));

        Assert.NotNull(Refusal(WithCms(Signed, unsigned)));
        Assert.NotNull(Refusal(WithCms(Signed, companion)));
    }

    [Fact]
    public void Something_behind_the_signature_is_refused()
    {
        var padded = Signed.ToArray();
        padded[Contents(padded).End - 2] = (byte)'1';

        Assert.Equal("Something is hidden behind the signature.", Refusal(padded));
    }

    [Fact]
    public void A_short_key_neither_signs_nor_verifies()
    {
        using var key = RSA.Create(2048);
        using var weak = new CertificateRequest("CN=Weak", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));

        Assert.Throws<ArgumentException>(() => Sign(weak));
        var (start, end) = Contents(Signed);
        Assert.Contains("3072", Refusal(Resigned(Signed, [0, start, end, Signed.Length - end], weak)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_signs_only_while_it_is_valid_and_with_its_key()
    {
        using var withoutKey = X509CertificateLoader.LoadCertificate(Rsa.RawData);

        Assert.Throws<ArgumentException>(() => Sign(withoutKey));
        Assert.Throws<ArgumentException>(() => Sign(Rsa, Now.AddDays(-1)));
        Assert.Throws<ArgumentException>(() => Sign(Rsa, Now.AddYears(6)));
    }

    [Fact]
    public void Another_signer_is_told_apart_by_the_fingerprint_whatever_name_is_in_the_certificate()
    {
        using var impostor = SigningCertificate.Create("Example & Sons, \"AI\" CoE", Now);

        var report = PdfSignatureCheck.Verify(Sign(impostor));

        Assert.Equal(Rsa.Subject, report.Signer!.Subject);
        Assert.NotEqual(SigningCertificate.Fingerprint(Rsa), report.Signer.CertificateFingerprint);
    }

    [Fact]
    public void A_damaged_signature_is_refused_in_words_and_never_a_crash()
    {
        var random = new Random(7);
        var (start, end) = Contents(Signed);
        var original = Convert.FromHexString(Encoding.ASCII.GetString(Signed[(start + 1)..(end - 1)]));
        for (var i = 0; i < 500; i++)
        {
            var damaged = original.ToArray();
            for (var bytes = random.Next(1, 6); bytes > 0; bytes--)
            {
                damaged[random.Next(2400)] ^= (byte)random.Next(1, 256);
            }

            Assert.True(damaged.SequenceEqual(original) || !PdfSignatureCheck.Verify(WithCms(Signed, damaged)).Holds);
        }
    }

    private static byte[] Sign(X509Certificate2 certificate, DateTimeOffset? at = null) => PdfEvidence.Attach(
        PlainPdf.OnePage(),
        [new Attachment("evidence.json", "application/json", "{}"u8.ToArray())],
        new PdfSignature(certificate, at ?? Now, "Audit pack für UC-0001 (final)"));

    private static string? Refusal(byte[] pdf) => PdfSignatureCheck.Verify(pdf).Refusal;

    /// <summary>Where the signature's hexadecimal string stands, brackets included.</summary>
    private static (int Start, int End) Contents(byte[] pdf)
    {
        var start = pdf.AsSpan().LastIndexOf("/Contents <"u8) + "/Contents ".Length;
        return (start, start + pdf.AsSpan(start).IndexOf((byte)'>') + 1);
    }

    private static byte[] Covered(byte[] pdf)
    {
        var (start, end) = Contents(pdf);
        return [.. pdf[..start], .. pdf[end..]];
    }

    private static byte[] WithCms(byte[] pdf, byte[] cms)
    {
        var (start, end) = Contents(pdf);
        var digits = Convert.ToHexString(cms).PadRight(end - start - 2, '0');
        return [.. pdf[..(start + 1)], .. Encoding.ASCII.GetBytes(digits), .. pdf[(end - 1)..]];
    }

    /// <summary>What an attacker with a key of their own could make: any byte range, correctly signed.</summary>
    private static byte[] Resigned(byte[] pdf, int[] range, X509Certificate2 certificate)
    {
        var changed = pdf.ToArray();
        var position = changed.AsSpan().LastIndexOf("/ByteRange ["u8) + "/ByteRange [".Length;
        Encoding.ASCII.GetBytes(string.Join(' ', range).PadRight(48)).CopyTo(changed, position);
        byte[] content = [.. changed[range[0]..(range[0] + range[1])], .. changed[range[2]..(range[2] + range[3])]];
        return WithCms(changed, Cms(content, certificate: certificate));
    }

    private static byte[] Cms(
        byte[] content,
        Action<CmsSigner>? change = null,
        bool detached = true,
        X509Certificate2? certificate = null,
        X509Certificate2? names = null)
    {
        certificate ??= Rsa;
        var signer = new CmsSigner(certificate)
        {
            DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"),
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        byte[] naming = [0x30, 0x26, 0x30, 0x24, 0x30, 0x22, 0x04, 0x20, .. SHA256.HashData((names ?? certificate).RawData)];
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), naming));
        var cms = new SignedCms(new ContentInfo(content), detached);
        change?.Invoke(signer);
        cms.ComputeSignature(signer);
        return cms.Encode();
    }
}
