using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Documents;

namespace CoEPortal.Tests.Documents;

/// <summary>What of a file may be kept, by what it holds.</summary>
public sealed class UploadedFileTests
{
    public static TheoryData<byte[], string> Kinds { get; } = new()
    {
        { "%PDF-1.7\n"u8.ToArray(), "application/pdf" },
        { [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00], "image/png" },
        { [0xFF, 0xD8, 0xFF, 0xE0, 0x00], "image/jpeg" },
        { """{"model":"gpt-4o"}"""u8.ToArray(), "application/json" },
        { "time,status\n1,500\n"u8.ToArray(), "text/plain" },
        { "<script>alert(1)</script>"u8.ToArray(), "text/plain" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_is_what_it_holds_whatever_it_is_called(byte[] content, string type)
    {
        var file = UploadedFile.Read("report.html", content);

        Assert.Equal((type, false), (file.MediaType, file.KeysTaken));
        Assert.Same(content, file.Content);
    }

    [Fact]
    public void Archives_programs_other_encodings_empty_and_huge_files_are_refused_with_the_reason()
    {
        Assert.Equal("file-type-unknown", RuleOf([.. "PK\x03\x04"u8]));
        Assert.Equal("file-type-unknown", RuleOf([.. "MZ"u8, 0x90, 0x00]));
        Assert.Equal("file-type-unknown", RuleOf(Encoding.Latin1.GetBytes("Gr\u00FC\u00DFe")));
        Assert.Equal("empty-file", RuleOf([]));
        Assert.Equal("file-too-large", RuleOf(new byte[UploadedFile.LargestBytes + 1]));
    }

    [Fact]
    public void A_text_made_of_beginnings_of_keys_is_read_in_time_in_proportion_to_it()
    {
        var hostile = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("-----BEGIN A-----", UploadedFile.LargestBytes / 20)));

        Assert.True(UploadedFile.Read("a.txt", hostile).KeysTaken);
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("\u202Egnp.exe", "gnp.exe")]
    [InlineData(" \t ", "file")]
    public void A_name_is_only_shown_and_has_no_path_and_no_invisible_character(string name, string shown) =>
        Assert.Equal(shown, UploadedFile.Read(name, "x"u8.ToArray()).Name);

    private static string RuleOf(byte[] content) => Assert.Throws<RuleViolationException>(() => UploadedFile.Read("a", content)).Rule;
}
