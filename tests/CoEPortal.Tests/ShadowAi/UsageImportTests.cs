using System.IO.Compression;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.ShadowAi;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.ShadowAi;

public sealed class UsageImportTests(TestPostgres postgres) : CampaignTest(postgres)
{
    [Fact]
    public async Task A_log_becomes_findings_of_each_tool_and_department_and_says_what_it_covers()
    {
        var key = await OpenAsync();
        await Get<ReceiveUsage>().GiveDepartmentsAsync(key, Encoding.UTF8.GetBytes(List), Who("security"));

        var import = await ImportAsync(key, Log);

        Assert.Equal((ImportState.Done, 10L, 7L, 1L, 4), (import.State, import.Lines, import.Matched, import.OutOfScope, import.NewFindings));
        Assert.Equal([(LineFault.TooShort, 1L), (LineFault.Window, 1L)], import.Faults.Select(f => (f.Fault, f.Count)));
        var findings = await FindingsAsync(key);
        var claude = findings.Single(f => f.ToolId == "claude" && f.Department == "Claims");
        // One person by two spellings, one address that nobody signed in from.
        Assert.Equal((1, 1, 3L, 1L, 2), (claude.People, claude.Addresses, claude.Requests, claude.BlockedRequests, claude.SeenOn.Count));
        Assert.Equal(["claude/Claims", "claude/Legal", "deepl/Claims", "host:c1aude.ai/Legal"], findings.Select(f => $"{f.ToolId}/{f.Department}").Order(StringComparer.Ordinal));
        var proxy = (await Get<CampaignSheets>().OfAsync(key, Who("auditor"))).Coverage.Single(c => c.Source is UsageSource.Proxy);
        Assert.Equal(["Finance"], proxy.Missing);
        Assert.Equal((5L, 2L), (proxy.Covered["Claims"], proxy.Covered["Legal"]));
        await using var db = await DbAsync();
        Assert.Equal(0, await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from usage_import_chunk").SingleAsync());
    }

    [Fact]
    public async Task The_same_file_never_counts_twice_however_it_is_compressed_and_may_come_again_after_it_was_cancelled()
    {
        var key = await OpenAsync();
        var waiting = await ImportAsync(key, Log, read: false);
        using (var packed = new MemoryStream())
        {
            await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                await gzip.WriteAsync(Encoding.UTF8.GetBytes(Log), TestContext.Current.CancellationToken);
            }

            packed.Position = 0;
            Assert.Equal("file-known", await RuleAsync(() => Get<ReceiveUsage>().RunAsync(key, "squid", "again.gz", packed, Who("security"))));
        }

        await Get<ReceiveUsage>().CancelAsync(key, waiting.Id, Who("security"));
        Assert.False(await Get<ReadUsage>().RunNextAsync());
        var import = await ImportAsync(key, Log);
        Assert.Equal(ImportState.Done, import.State);
        Assert.Equal("file-known", await RuleAsync(() => ImportAsync(key, Log)));
        Assert.Equal("import-ended", await RuleAsync(() => Get<ReceiveUsage>().CancelAsync(key, import.Id, Who("security"))));
        Assert.Equal(3, (await FindingsAsync(key)).Single(f => f.ToolId == "claude").People + (await FindingsAsync(key)).Single(f => f.ToolId == "claude").Addresses);
    }

    [Fact]
    public async Task A_worker_that_dies_in_the_middle_neither_loses_a_file_nor_counts_it_twice()
    {
        var key = await OpenAsync();
        var import = await ImportAsync(key, Log, read: false);
        // What a worker leaves behind that was killed while it read.
        await AsOwnerAsync($"update usage_import set state = 'Running', attempts = 1, read_bytes = 400 where id = '{import.Id}'");
        Assert.False(await Get<ReadUsage>().RunNextAsync());

        Clock.Advance(ReadUsage.DeadAfter + TimeSpan.FromSeconds(1));
        Assert.True(await Get<ReadUsage>().RunNextAsync());
        Assert.False(await Get<ReadUsage>().RunNextAsync());

        Assert.Equal((ImportState.Done, 2), ((await Get<CampaignSheets>().ImportAsync(key, import.Id, Who("auditor"))).State, (await Get<CampaignSheets>().ImportAsync(key, import.Id, Who("auditor"))).Attempts));
        Assert.Equal(4, (await FindingsAsync(key)).Single(f => f.ToolId == "claude").Requests);

        var other = await ImportAsync(key, Log + "\n# again", read: false);
        await AsOwnerAsync($"update usage_import set state = 'Running', attempts = 3, touched_at = '2026-01-01' where id = '{other.Id}'");
        Assert.True(await Get<ReadUsage>().RunNextAsync());
        Assert.Equal(ImportState.Failed, (await Get<CampaignSheets>().ImportAsync(key, other.Id, Who("auditor"))).State);
        Assert.Equal(4, (await FindingsAsync(key)).Single(f => f.ToolId == "claude").Requests);
    }

    [Fact]
    public async Task An_upload_that_breaks_off_or_is_no_text_leaves_nothing_behind()
    {
        var key = await OpenAsync();
        Task From(byte[] content, string format = "squid") => Get<ReceiveUsage>().RunAsync(key, format, "x", new MemoryStream(content), Who("security"));
        Assert.Equal("empty-file", await RuleAsync(() => From([])));
        Assert.Equal("not-readable", await RuleAsync(() => From([.. "PK\u0003\u0004"u8, 0, 0])));
        Assert.Equal("not-readable", await RuleAsync(() => From("%PDF-1.7"u8.ToArray())));
        Assert.Equal("not-readable", await RuleAsync(() => From([0x41, 0, 0x42])));
        Assert.Equal("not-readable", await RuleAsync(() => From([0x1f, 0x8b, 1, 2, 3])));
        Assert.Equal("no-such-format", await RuleAsync(() => From("x"u8.ToArray(), "notes")));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<ReceiveUsage>().RunAsync(key, "squid", "x", new MemoryStream(), Who("auditor"))));
        await Assert.ThrowsAsync<IOException>(() => Get<ReceiveUsage>().RunAsync(key, "squid", "x", new BrokenStream(), Who("security")));

        Assert.All((await Get<CampaignSheets>().ImportsAsync(key, Who("auditor"))).Items, i => Assert.Equal(ImportState.Failed, i.State));
        await using var db = await DbAsync();
        Assert.Equal(0, await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from usage_import_chunk").SingleAsync());
    }

    [Fact]
    public async Task A_file_of_another_format_is_refused_and_the_campaign_is_not_signed_while_one_is_read()
    {
        var key = await OpenAsync();
        var import = await ImportAsync(key, "a,b\n1,2\n3,4\n");
        Assert.Equal(ImportState.Failed, import.State);
        Assert.Contains("None of the 3 lines", import.Failure, StringComparison.Ordinal);
        await ImportAsync(key, Log, read: false);
        Assert.Equal("imports-under-way", await RuleAsync(() => SignAsync(key, "coe-lead", Role.CoeLead)));
    }

    [Theory]
    [InlineData("card-spend", "Date,Cardholder,Merchant,Amount,Currency,Department\n2026-10-01,Ada,OPENAI *CHATGPT SUBSCR,\"1.022,50\",EUR,Claims\n1 Nov 2026,Bob,GAMMA HOLDINGS,9,EUR,Claims\n2026-10-02,Bob,GRAMMARLY CO,12.5,USD,Claims\n02.10.2026,Ada,Grammarly Inc.,€ 12.50,EUR,claims\n2026-10-02,Ada,Otter.ai,free,EUR,Claims\n2026-10-02,,Otter.ai,1,EUR,Claims\n", "chatgpt:1022.50 grammarly:12.50", "Who:1 Amount:1 Currency:1")]
    [InlineData("entra-sign-ins", "\ufeffDate (UTC),Username,Application,Status\n2026-10-01T08:00:00Z,ada@nordhaven.example,\"Otter.ai - for meetings\",Success\n10/2/2026 8:00:00 AM,ada@nordhaven.example,Office 365,Success\nyesterday,ada@x,DeepL,Success\n2026-10-01T08:00:00Z,Ada@nordhaven.example,\"Speechify\nText to Speech\",Failure\n", "otter: speechify:", "Time:1")]
    [InlineData("okta-system-log", "timestamp,actor.alternate_id,target0.display_name,outcome.result\n2026-10-01T08:00:00.123Z,ada@x,Grammarly,SUCCESS\n2026-10-01T08:00:00.123Z,ada@x\n", "grammarly:", "Cells:1")]
    [InlineData("zscaler-web", "Event Time,User,Client IP,Department,URL,Received Bytes,Policy Action\n2026-10-01 08:00:00,ada,10.0.0.1,Claims,https://claude.ai/chat?q=1,500,Allowed\nThursday October 1 2026,ada,10.0.0.1,Claims,claude.ai,500,Allowed\n2026-10-01 08:00:00,bob,10.0.0.1,Legal,claude.ai:443,x,Blocked\n", "claude: claude:", "Time:1")]
    public async Task Exports_are_read_by_their_mapping_and_every_row_that_is_not_has_a_reason(string format, string file, string tools, string faults)
    {
        var key = await OpenAsync();

        var import = await ImportAsync(key, file, format);

        Assert.Equal((ImportState.Done, ""), (import.State, import.Failure));
        Assert.Equal(tools, string.Join(' ', (await FindingsAsync(key)).OrderBy(f => f.ToolId, StringComparer.Ordinal).Select(f => $"{f.ToolId}:{f.Spend?.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)}")));
        Assert.Equal(faults, string.Join(' ', import.Faults.Select(f => $"{f.Fault}:{f.Count}")));
    }

    [Fact]
    public async Task A_file_that_lacks_a_column_is_refused_and_says_which()
    {
        var key = await OpenAsync();
        foreach (var (format, file, why) in new[]
        {
            ("entra-sign-ins", "Date,Who\n2026-10-01,ada\n", "none of the columns"),
            ("entra-sign-ins", "Date (UTC),Username,Application\n2026-10-01T08:00:00Z,ada,\"DeepL", "None of the 1 lines"),
            ("card-spend", "Date,Cardholder,Merchant\n2026-10-01,ada,DeepL\n", "amounts"),
        })
        {
            var import = await ImportAsync(key, file, format);

            Assert.Equal(ImportState.Failed, import.State);
            Assert.Contains(why, import.Failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_quote_that_is_never_closed_refuses_the_file_instead_of_swallowing_it()
    {
        var file = new StringBuilder("Date (UTC),Username,Application\n2026-10-01T08:00:00Z,ada,\"DeepL\n");
        for (var i = 0; i < 20_000; i++)
        {
            file.Append("2026-10-01T08:00:00Z,ada,DeepL and so on\n");
        }

        var import = await ImportAsync(await OpenAsync(), file.ToString(), "entra-sign-ins");

        Assert.Equal(ImportState.Failed, import.State);
        Assert.Contains("never closed", import.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Amounts_of_another_currency_than_the_campaigns_are_refused()
    {
        var key = await OpenAsync();
        await ImportAsync(key, "Date,Cardholder,Merchant,Amount,Currency\n2026-10-01,Ada,Grammarly,10,EUR\n", "card-spend");
        var import = await ImportAsync(key, "Date,Cardholder,Merchant,Amount,Currency\n2026-10-01,Ada,Grammarly,10,USD\n", "card-spend");

        Assert.Equal(ImportState.Failed, import.State);
        Assert.Contains("no table of rates", import.Failure, StringComparison.Ordinal);
        Assert.Equal(10, (await FindingsAsync(key)).Single().Spend);
    }

    /// <summary>As the inventory of 2024 names them, which is how a list of applications would.</summary>
    [Theory]
    [InlineData("Grammarly", "grammarly")]
    [InlineData("Otter.ai - for Public-Facing Meetings, Webinars, and Hearings", "otter")]
    [InlineData("Hootsuite", "owly")]
    [InlineData("LexisNexis (AI assisted legal research)", "lexis")]
    [InlineData("Speechify Text to Speech Voice Reader Chrome Extension 9", "speechify")]
    [InlineData("Microsoft Copilot for Internal Employees", "copilot")]
    [InlineData("Gamma Holdings", null)]
    [InlineData("Office 365", null)]
    [InlineData("", null)]
    public void A_tool_is_known_by_its_name_and_nothing_else_by_a_part_of_one(string text, string? id)
    {
        var service = new HostMatcher(ServiceCatalogue.Newest(Path.Combine(Repository.Root, "templates", "shadow-ai"))).Named(text);

        Assert.Equal(id, service?.Id.Split('-')[0]);
    }

    [Fact]
    public void A_mapping_that_contradicts_itself_is_refused_and_says_why()
    {
        const string good = "name: a\ntitle: A\nsource: proxy\ncolumns: { at: [t], user: [u], host: [h] }\ntimes: [epoch]\n";
        UsageMapping.Parse(good, "a.yaml");
        foreach (var (change, why) in new[] { (good.Replace("host", "tool, x: [h], host", StringComparison.Ordinal), "no field"), (good.Replace("proxy", "survey", StringComparison.Ordinal), "survey"), (good.Replace("user: [u], ", "", StringComparison.Ordinal), "user or client"), (good.Replace("[epoch]", "[]", StringComparison.Ordinal), "times"), (good + "zone: Mars\n", "time zone") })
        {
            Assert.Contains(why, Assert.Throws<InvalidDataException>(() => UsageMapping.Parse(change, "a.yaml")).Message, StringComparison.Ordinal);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        private int _left = 3;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return _left-- > 0 ? ValueTask.FromResult(buffer.Length) : throw new IOException("gone");
        }
    }
}
