using System.IO.Compression;
using System.Text;
using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Tests.Evidence;

public sealed class PdfEvidenceTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public void What_is_attached_comes_back_byte_for_byte()
    {
        var data = new byte[100_000];
        new Random(1).NextBytes(data);
        Attachment[] attachments =
        [
            new("evidence.json", "application/json", "{\"ok\":true}"u8.ToArray(), "The record, for machines"),
            new("empty.txt", "text/plain", Array.Empty<byte>()),
            new("noise.bin", "application/octet-stream", data, "Zufällige Bytes — 乱数 🎲"),
        ];

        var pdf = PdfEvidence.Attach(PlainPdf.OnePage(), attachments);

        AssertSame(attachments, PdfEvidence.Extract(pdf));
    }

    [Fact]
    public void The_printed_bytes_stay_as_they_are()
    {
        var printed = PlainPdf.OnePage();

        var pdf = PdfEvidence.Attach(printed, [Note("a.txt")]);

        Assert.Equal(printed, pdf[..printed.Length]);
    }

    [Theory]
    [InlineData("a)(b.txt")]
    [InlineData("a) EF 1 0 R ) endobj.json")]
    [InlineData("50% (final) [2] {x} #41.pdf")]
    [InlineData("Prüfbericht.json")]
    [InlineData("审计证据.json")]
    [InlineData("доказательство 🧾.json")]
    [InlineData("þÿ.json")]
    [InlineData("'; drop table audit_event; --.json")]
    public void A_name_with_the_syntax_of_PDF_in_it_is_still_just_a_name(string name)
    {
        Attachment[] attachments = [Note(name), Note("z.txt")];

        var pdf = PdfEvidence.Attach(PlainPdf.OnePage(), attachments);

        AssertSame(attachments, PdfEvidence.Extract(pdf).OrderBy(a => a.Name == "z.txt"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".bashrc")]
    [InlineData("../../etc/passwd")]
    [InlineData("..\\evil.exe")]
    [InlineData("/etc/passwd")]
    [InlineData("C:evil.exe")]
    [InlineData("a\nb.txt")]
    [InlineData("a\0.txt")]
    [InlineData("a.txt ")]
    [InlineData("report\u202Enosj.exe")]
    [InlineData("half \ud83d.txt")]
    public void A_name_that_leads_out_of_the_folder_or_deceives_is_refused_both_ways(string name)
    {
        Assert.Throws<ArgumentException>(() => Note(name));

        var utf16 = Convert.ToHexString([0xFE, 0xFF, .. name.SelectMany(c => new[] { (byte)(c >> 8), (byte)c })]);
        var smuggled = WithSpecification($"<</Type/Filespec/UF<{utf16}>/EF<</F 5 0 R>>>>", "<</Length 2>>\nstream\nhi\nendstream");
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(smuggled));
    }

    [Theory]
    [InlineData("json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("a/b/c")]
    [InlineData("text/plain\n")]
    [InlineData("")]
    public void A_media_type_that_is_none_is_refused(string mediaType)
    {
        Assert.Throws<ArgumentException>(() => new Attachment("a.txt", mediaType, Array.Empty<byte>()));
    }

    [Fact]
    public void Two_attachments_of_one_name_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PdfEvidence.Attach(PlainPdf.OnePage(), [Note("a.txt"), Note("A.TXT")]));
    }

    [Fact]
    public void What_could_not_be_read_back_is_not_attached()
    {
        var tooLarge = new Attachment("a.bin", "application/octet-stream", new byte[PdfEvidence.MaxAttachedBytes + 1]);
        var tooMany = Enumerable.Range(0, PdfEvidence.MaxAttachments + 1).Select(i => Note($"{i}.txt")).ToArray();

        Assert.Throws<ArgumentException>(() => PdfEvidence.Attach(PlainPdf.OnePage(), [tooLarge]));
        Assert.Throws<ArgumentException>(() => PdfEvidence.Attach(PlainPdf.OnePage(), tooMany));
    }

    [Fact]
    public void A_small_file_that_unpacks_to_a_huge_one_is_refused()
    {
        var bomb = WithSpecification("<</Type/Filespec/F(a.bin)/EF<</F 5 0 R>>>>", Compressed(new byte[PdfEvidence.MaxAttachedBytes + 1]));

        Assert.True(bomb.Length < MiB);
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(bomb));
    }

    [Fact]
    public void Many_attachments_that_share_one_large_stream_count_each_time()
    {
        var names = string.Concat(Enumerable.Range(0, 10).Select(i => $"({i})<</Type/Filespec/F({i}.bin)/EF<</F 5 0 R>>>>"));
        var bomb = PlainPdf.OnePage($"/Names<</EmbeddedFiles<</Names[{names}]>>>>", Compressed(new byte[10 * MiB]));

        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(bomb));
    }

    [Theory]
    // A name tree that is its own child.
    [InlineData("/Names<</EmbeddedFiles 5 0 R>>", "<</Kids[5 0 R 5 0 R]>>")]
    // A stream as long as another stream, which is as long as the first.
    [InlineData(
        "/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 5 0 R>>>>]>>>>",
        "<</Length 6 0 R>>\nstream\n\nendstream",
        "<</Length 5 0 R>>\nstream\n\nendstream")]
    [InlineData("/Names 5 0 R", "5 0 R")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 5 0 R>>>>]>>>>", "<</Length 99999>>\nstream\nx\nendstream")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 5 0 R>>>>]>>>>", "<</Length 1/Filter/LZWDecode>>\nstream\nx\nendstream")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 5 0 R>>>>]>>>>", "<</Length 2/Filter/FlateDecode>>\nstream\nzz\nendstream")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 5 0 R>>>>]>>>>", "<</Length 1/Params<</Size 2>>>>\nstream\nx\nendstream")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<</F 5 0 R>>>>]>>>>", "<</Length 1/Params<</CheckSum(x)>>>>\nstream\nx\nendstream")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)<</F(a)/EF<<>>>>]>>>>")]
    [InlineData("/Names<</EmbeddedFiles<</Names[(a)null]>>>>")]
    [InlineData("/Names<</EmbeddedFiles<<>>/EmbeddedFiles<<>>>>")]
    public void A_list_of_attachments_that_makes_no_sense_is_refused(string catalogEntries, params string[] objects)
    {
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(PlainPdf.OnePage(catalogEntries, objects)));
    }

    [Theory]
    [InlineData("/AcroForm<</Fields[]>>")]
    [InlineData("/Names<</EmbeddedFiles<</Names[]>>>>")]
    [InlineData("/Perms<<>>")]
    [InlineData("/AF[]")]
    public void Only_a_fresh_print_is_taken(string catalogEntries)
    {
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Attach(PlainPdf.OnePage(catalogEntries), [Note("a.txt")]));
    }

    [Fact]
    public void Other_names_in_the_catalog_are_kept()
    {
        var pdf = PdfEvidence.Attach(PlainPdf.OnePage("/Names 5 0 R", "<</Dests<</Names[]>>>>"), [Note("a.txt")]);

        Assert.Equal("a.txt", Assert.Single(PdfEvidence.Extract(pdf)).Name);
        Assert.Equal(2, Encoding.Latin1.GetString(pdf).Split("/Dests").Length - 1);
    }

    [Fact]
    public void Cross_reference_streams_are_refused_by_name()
    {
        var pdf = Encoding.ASCII.GetBytes("%PDF-1.5\n1 0 obj\n<</Type/XRef>>\nendobj\nstartxref\n9\n%%EOF\n");

        var refusal = Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(pdf));

        Assert.Contains("cross-reference streams", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/Encrypt 2 0 R")]
    [InlineData("/XRefStm 9")]
    [InlineData("/Prev 999999")]
    [InlineData("/Prev -1")]
    [InlineData("/Prev(x)")]
    public void A_trailer_that_asks_for_more_is_refused(string trailerEntries)
    {
        var pdf = PlainPdf.Build(trailerEntries, "<</Type/Catalog>>");

        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(pdf));
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("%PDF-1.4")]
    [InlineData("%PDF-1.4\nstartxref\n0\n%%EOF")]
    [InlineData("%PDF-1.4\nstartxref\n99999999999999\n%%EOF")]
    [InlineData("%PDF-1.4\nxref\n0 2147483647\ntrailer<<>>\nstartxref\n9\n%%EOF")]
    [InlineData("%PDF-1.4\nxref\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF")]
    public void What_is_no_PDF_is_refused(string text)
    {
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(Encoding.Latin1.GetBytes(text)));
    }

    [Fact]
    public void A_damaged_file_is_read_or_refused_and_never_a_crash()
    {
        var pdf = PdfEvidence.Attach(PlainPdf.OnePage(), [Note("a.txt"), Note("ä.txt")]);
        var random = new Random(42);
        for (var i = 0; i < 5_000; i++)
        {
            var damaged = pdf.AsSpan(0, i % 3 is 0 ? random.Next(pdf.Length) : pdf.Length).ToArray();
            for (var bytes = random.Next(4); bytes >= 0 && damaged.Length > 0; bytes--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            try
            {
                PdfEvidence.Extract(damaged);
            }
            catch (PdfFormatException)
            {
                // The only way to say no.
            }
        }
    }

    [Fact]
    public void Nesting_without_end_is_refused_before_the_stack_ends()
    {
        Assert.Throws<PdfFormatException>(() => PdfEvidence.Extract(PlainPdf.OnePage($"/Names{new string('[', 100_000)}")));
    }

    private static Attachment Note(string name) => new(name, "text/plain", Encoding.UTF8.GetBytes(name), "A note");

    private static byte[] WithSpecification(string specification, string stream) =>
        PlainPdf.OnePage($"/Names<</EmbeddedFiles<</Names[(x){specification}]>>>>", stream);

    private static string Compressed(byte[] data)
    {
        using var compressed = new MemoryStream();
        using (var deflating = new ZLibStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflating.Write(data);
        }

        return $"<</Filter/FlateDecode/Length {compressed.Length}>>\nstream\n{Encoding.Latin1.GetString(compressed.ToArray())}\nendstream";
    }

    private static void AssertSame(IEnumerable<Attachment> expected, IEnumerable<Attachment> actual)
    {
        static (string, string, string, string) Parts(Attachment a) =>
            (a.Name, a.MediaType, a.Description, Convert.ToHexString(a.Data.Span));

        Assert.Equal(expected.Select(Parts).OrderBy(p => p.Item1, StringComparer.Ordinal), actual.Select(Parts).OrderBy(p => p.Item1, StringComparer.Ordinal));
    }
}
