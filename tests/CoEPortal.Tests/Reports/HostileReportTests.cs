using CoEPortal.Governance.Access;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Reports;
using Npgsql;

namespace CoEPortal.Tests.Reports;

/// <summary>Words of people are printed and do nothing.</summary>
public sealed class HostileReportTests(TestPostgres postgres) : AuditPackTest(postgres)
{
    [Fact]
    public async Task Hostile_words_of_people_are_printed_as_words()
    {
        var key = await GivenHostileWordsAsync();
        var pack = await PackAsync(key);

        var html = await NewHtml().OfAsync(pack, new AuditPackImprint(new Organisation { Name = Hostile }, Hostile, Clock.GetUtcNow(), "", "", [Hostile], ""));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<!--", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<meta http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\u202E", html, StringComparison.Ordinal);
        Assert.DoesNotContain("&#x202E;", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("&#x7;", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("[U&#x2B;202E]desrever", html, StringComparison.Ordinal);
        Assert.DoesNotContain("document.title", StylesOf(html), StringComparison.Ordinal);
    }

    private static string StylesOf(string html) => string.Concat(html.Split("<style").Skip(1).Select(part => part.Split("</style>")[0]));

    [Theory]
    [InlineData(PackKind.UseCase)]
    [InlineData(PackKind.Period)]
    [InlineData(PackKind.Portfolio)]
    [InlineData(PackKind.Drill)]
    public async Task Hostile_words_reach_paper_and_nothing_else(PackKind kind)
    {
        SkipWithoutBrowser();
        var key = await GivenHostileWordsAsync();

        var pdf = await PrintedAsync(kind switch
        {
            PackKind.UseCase => new UseCaseSubject(key),
            PackKind.Period => new PeriodSubject(new DateOnly(2026, 11, 1), new DateOnly(2026, 11, 23)),
            PackKind.Portfolio => new PortfolioSubject(null, null, null),
            _ => new DrillSubject(await GivenAHostileDrillAsync(key)),
        });

        var text = await TextAsync(pdf);
        Assert.Contains("document.title='TAKEN'", Squeezed(text), StringComparison.Ordinal);
        Assert.Contains("How to verify", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/JavaScript", System.Text.Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
        Assert.DoesNotContain("/URI", System.Text.Encoding.Latin1.GetString(pdf), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_without_a_space_and_fields_of_five_thousand_letters_stay_on_their_page()
    {
        SkipWithoutBrowser();
        var key = await GivenHostileWordsAsync(new string('W', 5000));

        var pdf = await PrintedAsync(new UseCaseSubject(key), Paper.Letter);

        var text = Squeezed(await TextAsync(pdf));
        Assert.True(text.Count(c => c == 'W') >= 5000);
    }

    [Fact]
    public void The_name_of_the_organisation_cannot_leave_its_string_in_the_style_sheet()
    {
        var escaped = PrintedText.ForCss("A\"}</style><script>\\ é\n");

        Assert.DoesNotContain(escaped, c => !char.IsAsciiLetterOrDigit(c) && c is not ('\\' or ' '));
        Assert.StartsWith("A\\000022 \\00007D \\00003C ", escaped, StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_act_or_hide_is_shown()
    {
        Assert.Equal("a[U+202E]b[U+0000]c[U+2066][U+200F]", PrintedText.Visible("a\u202Eb\u0000c\u2066\u200F"));
        Assert.Equal("half [U+D83D] of 😀", PrintedText.Visible("half " + "😀"[0] + " of 😀"));
    }

    private async Task<Guid> GivenAHostileDrillAsync(string key)
    {
        var id = Guid.CreateVersion7();
        await using var connection = new NpgsqlConnection(Database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var write = new NpgsqlCommand(
            """
            insert into drill (id, target, kind, outcome, reason, started_by, started_by_name, objective_ms, generation, clicked_at, committed_at, leaked_calls, leaked_cost, silent, version, event_count)
                values (@id, @key, 'Real', 'Incomplete', @words, 'x', @words, 2000, 1, now(), now(), 0, 0, array[@words], 1, 0);
            insert into drill_point values (@id, left(@words, 200), true, 12)
            """, connection);
        write.Parameters.Add(new NpgsqlParameter<Guid>("id", id));
        write.Parameters.Add(new NpgsqlParameter<string>("key", key));
        write.Parameters.Add(new NpgsqlParameter<string>("words", Hostile));
        await write.ExecuteNonQueryAsync();
        return id;
    }

}
