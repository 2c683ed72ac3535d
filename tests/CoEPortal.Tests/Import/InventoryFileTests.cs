using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Import;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Tests.Import;

/// <summary>Files as people have them, and as people should not have them.</summary>
public sealed class InventoryFileTests
{
    private const string Mapping = """
        name: small
        fields:
          title: { column: Name }
          businessUnit: { column: Unit, default: Elsewhere }
          problem: { column: Why }
          phase: { column: State, words: { production: [Live, "In production*"], idea: [New] }, blank: unknown }
        """;

    [Fact]
    public void Line_ends_of_either_kind_inside_quotes_are_one_row_and_the_same_row()
    {
        var one = Read("Name,Unit,Why,State\r\n\"A \"\"b\"\"\r\nc\",U,w,Live\r\n");
        var two = Read("Name,Unit,Why,State\n\"A \"\"b\"\"\nc\",U,w,Live");

        Assert.Equal("A \"b\"\nc", Assert.Single(one.Lines).Cells[0]);
        Assert.Equal(one.Lines[0].Hash, Assert.Single(two.Lines).Hash);
    }

    [Fact]
    public void What_is_no_UTF_8_is_read_as_old_spreadsheets_save_it()
    {
        var file = InventoryFile.Read([.. "Name,Unit,Why,State\nAgency"u8, 0x92, .. "s,U,w,Live"u8]);

        Assert.Equal(("Windows-1252", "Agency’s"), (file.Encoding, file.Lines[0].Cells[0]));
        Assert.Equal("UTF-8", Read("Name,Unit,Why,State\nÄ,U,w,Live").Encoding);
        Assert.Equal("Ä", InventoryFile.Read([0xff, 0xfe, .. Encoding.Unicode.GetBytes("Name\nÄ")]).Lines[0].Cells[0]);
    }

    [Fact]
    public void Rows_that_say_the_same_are_told_apart_by_their_occurrence()
    {
        var file = Read("Name,Unit,Why,State\nA,U,w,Live\nA,U,w,Live\nB,U,w,Live");

        Assert.Equal([(2, 1), (3, 2), (4, 1)], file.Lines.Select(l => (l.Line, l.Occurrence)));
        Assert.Equal(file.Lines[0].Hash, file.Lines[1].Hash);
    }

    [Theory]
    [InlineData("A,U,w", "It has 3 cells, the first line 4.")]
    [InlineData("A,U,w,Live,more", "It has 5 cells, the first line 4.")]
    [InlineData(",U,w,Live", "Name is empty.")]
    [InlineData("A,U,w,Sleeping", "How far it is: the mapping does not say what “Sleeping” means.")]
    [InlineData("A,U,<script>alert(1)</script>,Live", "What is wrong today: Write plain text: markup such as <script> and control characters are not stored.")]
    [InlineData("\"A\"b\",U,w,Live", "Its quotes are wrong: a quote inside a cell is written twice, and the cell in quotes.")]
    [InlineData("A,U,w,\"Live", "Its quotes are wrong: a quote inside a cell is written twice, and the cell in quotes.")]
    public void A_row_that_cannot_be_taken_says_why(string row, string reason) =>
        Assert.Equal(reason, Rows($"Name,Unit,Why,State\n{row}").Single().Refusal);

    [Fact]
    public void Answers_are_found_whatever_their_case_spaces_dashes_and_quotes()
    {
        var rows = Rows("name , UNIT,Why,State\nA,,w,  LIVE. \nB,U,w,In production since 2020\nC,U,w,\nD,U,w,new\u00a0\n");

        Assert.Equal([Phase.Production, Phase.Production, null, Phase.Idea], rows.Select(r => r.Reading!.Phase));
        Assert.Equal("Elsewhere", rows[0].Reading!.Text.BusinessUnit);
    }

    [Fact]
    public void What_is_too_long_is_cut_and_said_so()
    {
        var row = Rows($"Name,Unit,Why,State\n{new string('a', 300)},U,w,Live").Single();

        Assert.Equal((200, 1), (row.Reading!.Text.Title.Length, row.Notes.Count));
    }

    [Theory]
    [InlineData("", "empty-file")]
    [InlineData("PK\u0003\u0004 a workbook", "not-a-csv")]
    [InlineData("%PDF-1.7", "not-a-csv")]
    [InlineData("a\0b", "not-a-csv")]
    [InlineData(",,,\n1,2,3,4", "no-header")]
    [InlineData("Titel,Unit,Why,State\nA,U,w,Live", "no-such-column")]
    public void What_is_no_inventory_is_refused(string content, string rule) =>
        Assert.Equal(rule, Assert.Throws<RuleViolationException>(() => Rows(content)).Rule);

    [Fact]
    public void A_quote_that_is_never_closed_refuses_the_file_because_rows_would_be_lost_in_it()
    {
        var rest = string.Concat(Enumerable.Range(0, 5000).Select(i => $"Row {i},U,w,Live\n"));

        Assert.Contains("line 2", Assert.Throws<RuleViolationException>(() => Read("Name,Unit,Why,State\n\"A,U,w,Live\n" + rest)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name: small\nfields:\n  title: { column: A }\n", 2, "businessUnit needs a column")]
    [InlineData("name: small\nfields:\n  title: { column: A }\n  businessUnit: { column: B }\n  colour: { column: C }\n", 5, "no field 'colour'")]
    [InlineData("name: small\nfields:\n  title: { column: A }\n  businessUnit: { column: B }\n  impact:\n    column: C\n    words:\n      rights: [\"Yes\"]\n      neither: [\"yes\"]\n", 9, "cannot mean both")]
    [InlineData("name: small\nfields:\n  title: { column: A }\n  businessUnit: { column: B }\n  impact: { column: C, words: { maybe: [x] } }\n", 5, "never 'maybe'")]
    [InlineData("name: small\nfields:\n  title: { column: A\n", 4, "")]
    [InlineData("name: small\ncolour: red\n", 2, "")]
    public void A_mapping_that_contradicts_itself_is_refused_with_its_line(string yaml, int line, string why)
    {
        var refused = Assert.Throws<InvalidDataException>(() => ImportMapping.Parse(yaml, "m.yaml"));

        Assert.StartsWith($"m.yaml, line {line}:", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_reads_the_same_after_it_was_saved()
    {
        var mapping = ImportMapping.Parse(Mapping, "m");

        Assert.Equal(mapping.ToYaml(), ImportMapping.Parse(mapping.ToYaml(), "m").ToYaml());
    }

    [Theory]
    [InlineData("Generative AI Usage", "Generative AI usage", true)]
    [InlineData("Claims summarisation with retrieval", "Claim summarization with retrieval", true)]
    [InlineData("Claims summarisation", "Chatbot for visitors", false)]
    public void Names_are_likely_the_same_by_their_trigrams(string known, string asked, bool likely)
    {
        var index = new TitleIndex();
        index.Add("UC-0001", known);

        Assert.Equal(likely, index.MostLike(asked) is not null);
    }

    private static InventoryFile Read(string text) => InventoryFile.Read(Encoding.UTF8.GetBytes(text));

    private static List<MappedRow> Rows(string text)
    {
        var file = Read(text);
        var reader = new RowReader(ImportMapping.Parse(Mapping, "m"), file, new ProposalValidator());
        return [.. file.Lines.Select(reader.Read)];
    }
}
