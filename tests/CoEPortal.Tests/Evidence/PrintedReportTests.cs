using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Tests.Evidence;

/// <summary>What Chromium prints, we certify; what we certify, Poppler and qpdf understand as we do.</summary>
public sealed class PrintedReportTests(PrintedReport report) : IClassFixture<PrintedReport>
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 9, 30, 0, TimeSpan.Zero);

    private static readonly Attachment[] Attachments =
    [
        new("evidence.json", "application/json", "{\"ok\":true}"u8.ToArray(), "The record, for machines"),
        new("审计 (final) 100%.txt", "text/plain", "second"u8.ToArray(), "Für Menschen"),
        new("a)(b.txt", "text/plain", "third"u8.ToArray()),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pdfsig_sees_a_valid_signature_over_the_total_document(bool rsa)
    {
        using var certificate = Certificate(rsa);
        var pdf = await report.SaveAsync($"signed-{rsa}.pdf", Certify(certificate));

        var seen = await PrintedReport.AskAsync("pdfsig", "-nocert", pdf);

        Assert.Contains("Signature is Valid", seen, StringComparison.Ordinal);
        Assert.Contains("Total document signed", seen, StringComparison.Ordinal);
        Assert.Contains("ETSI.CAdES.detached", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("Signature #2", seen, StringComparison.Ordinal);
        Assert.True(PdfSignatureCheck.Verify(await File.ReadAllBytesAsync(pdf)).Holds);
    }

    [Fact]
    public async Task Qpdf_finds_no_fault_with_it()
    {
        using var certificate = Certificate(rsa: false);
        var pdf = await report.SaveAsync("checked.pdf", Certify(certificate));

        var seen = await PrintedReport.AskAsync("qpdf", "--check", pdf);

        Assert.Contains("No syntax or stream encoding errors found", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", seen, StringComparison.Ordinal);
        var listed = await PrintedReport.AskAsync("qpdf", "--list-attachments", pdf);
        Assert.All(Attachments, attachment => Assert.Contains(attachment.Name, listed, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pdfdetach_lists_and_saves_the_same_attachments()
    {
        using var certificate = Certificate(rsa: false);
        var pdf = await report.SaveAsync("detached.pdf", Certify(certificate));

        var seen = await PrintedReport.AskAsync("pdfdetach", "-enc", "UTF-8", "-list", pdf);

        Assert.Contains("3 embedded files", seen, StringComparison.Ordinal);
        Assert.All(Attachments, attachment => Assert.Contains(attachment.Name, seen, StringComparison.Ordinal));
        var saved = pdf + ".json";
        await PrintedReport.AskAsync("pdfdetach", "-savefile", "evidence.json", "-o", saved, pdf);
        Assert.Equal("{\"ok\":true}", await File.ReadAllTextAsync(saved));
    }

    [Fact]
    public async Task The_pages_stay_tagged_and_their_links_work()
    {
        using var certificate = Certificate(rsa: false);
        var pdf = await report.SaveAsync("tagged.pdf", Certify(certificate));

        Assert.Matches(@"Tagged:\s+yes", await PrintedReport.AskAsync("pdfinfo", pdf));
        Assert.Contains("https://example.org/", await PrintedReport.AskAsync("pdfinfo", "-url", pdf), StringComparison.Ordinal);
        Assert.Contains("Prüfung ✓", await PrintedReport.AskAsync("pdftotext", pdf, "-"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_attached_to_a_print_comes_back()
    {
        using var certificate = Certificate(rsa: false);

        var extracted = PdfEvidence.Extract(Certify(certificate));

        Assert.Equal(
            Attachments.Select(a => (a.Name, a.MediaType, a.Description, Encoding.UTF8.GetString(a.Data.Span))).Order(),
            extracted.Select(a => (a.Name, a.MediaType, a.Description, Encoding.UTF8.GetString(a.Data.Span))).Order());
    }

    [Fact]
    public void One_changed_byte_in_a_certified_print_is_refused()
    {
        using var certificate = Certificate(rsa: true);
        var signed = Certify(certificate);
        var random = new Random(300);

        for (var i = 0; i < 300; i++)
        {
            var changed = signed.ToArray();
            var position = random.Next(signed.Length);
            changed[position] ^= (byte)random.Next(1, 256);
            Assert.False(PdfSignatureCheck.Verify(changed).Holds, $"byte {position}");
        }
    }

    [Fact]
    public void A_print_cut_short_or_continued_is_refused()
    {
        using var certificate = Certificate(rsa: false);
        var signed = Certify(certificate);

        Assert.False(PdfSignatureCheck.Verify(signed[..^1]).Holds);
        Assert.False(PdfSignatureCheck.Verify(signed[..report.Pdf.Length]).Holds);
        Assert.False(PdfSignatureCheck.Verify([.. signed, .. report.Pdf]).Holds);
    }

    private byte[] Certify(X509Certificate2 certificate) =>
        PdfEvidence.Attach(report.Pdf, Attachments, new PdfSignature(certificate, Now, "Audit pack for UC-0001 (§ 5)"));

    private static X509Certificate2 Certificate(bool rsa) =>
        rsa ? SigningCertificate.Create("Example & Söhne", Now) : SigningCertificate.CreateEcdsa("Example & Söhne", Now);
}
