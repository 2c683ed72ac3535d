using System.Text;
using CoEPortal.Governance.Audit;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Audit;

/// <summary>
/// What the owner of the database can do to the log, and that it shows: the checkpoints that others kept are out of their
/// reach. Each test does it as the owner, with the triggers off, and mostly as somebody who knows how the log is made.
/// </summary>
public sealed class TamperedLogTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    private const string Unlocked =
        "alter table audit.event disable trigger all; alter table audit.leaf disable trigger all; alter table audit.subtree disable trigger all; alter table audit.checkpoint disable trigger all; ";

    protected override bool LeavesTheDatabaseSound { get; set; }

    [Theory]
    [InlineData("subject_type = 'other'")]
    [InlineData("subject_key = subject_key || '0'")]
    [InlineData("subject_version = subject_version + 100")]
    [InlineData("use_case_key = 'UC-9999'")]
    [InlineData("occurred_at = occurred_at - interval '1 microsecond'")]
    [InlineData("recorded_at = recorded_at - interval '1 day'")]
    [InlineData("transaction_id = '1'")]
    [InlineData("database_user = 'somebody'")]
    [InlineData("actor_id = 'somebody'")]
    [InlineData("actor_name = actor_name || ' '")]
    [InlineData("on_behalf_of = 'somebody'")]
    [InlineData("action = 'Nothing'")]
    [InlineData("content_hash = 'sha256:' || repeat('0', 64)")]
    [InlineData("body = body || ' '")]
    [InlineData("sealed = sealed || ' '")]
    public async Task An_edited_column_is_found_and_the_entry_named(string edit)
    {
        await GivenALogAsync();
        await AsOwnerAsync($"{Unlocked} update audit.event set {edit} where event_id = (select event_id from audit.leaf where index = 5)");

        var finding = (await CheckAsync()).Findings.First(f => f.IsFault);

        Assert.Equal(("entry-changed", 5), (finding.Rule, finding.Index));
    }

    [Fact]
    public async Task Every_column_of_an_event_is_in_that_list()
    {
        var columns = await ScalarAsync<string[]>("select array_agg(column_name::text order by ordinal_position) from information_schema.columns where table_schema = 'audit' and table_name = 'event' and column_name <> 'event_id'");
        var edited = typeof(TamperedLogTests).GetMethod(nameof(An_edited_column_is_found_and_the_entry_named))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Select(a => ((string)((InlineDataAttribute)a).Data[0]!).Split(' ')[0]);

        Assert.Equal(columns.Order(), edited.Order());
    }

    [Fact]
    public async Task An_edit_that_also_mends_the_leaf_is_found_by_the_signature_over_it()
    {
        await GivenALogAsync();
        await AsOwnerAsync($"{Unlocked} update audit.event set body = '{{}}' where event_id = (select event_id from audit.leaf where index = 1)");
        var mended = LeafOf(await ExportAsync(), 1);
        await AsOwnerAsync($"{Unlocked} update audit.leaf set hash = '\\x{mended}' where index = 1");

        var finding = (await CheckAsync()).Findings.First(f => f.IsFault);

        Assert.Equal(("root", 0), (finding.Rule, finding.Index));
    }

    [Fact]
    public async Task A_deleted_entry_is_found()
    {
        await GivenALogAsync();
        await AsOwnerAsync($"{Unlocked} delete from audit.leaf where index = 5");

        Assert.False((await CheckAsync()).Holds);
    }

    [Fact]
    public async Task Two_entries_in_the_wrong_order_are_found()
    {
        await GivenALogAsync();
        await AsOwnerAsync($"""
            {Unlocked} update audit.leaf set index = -1 where index = 5; update audit.leaf set index = 5 where index = 6; update audit.leaf set index = 6 where index = -1
            """.Replace("set index = -1", "set index = 1000", StringComparison.Ordinal).Replace("where index = -1", "where index = 1000", StringComparison.Ordinal));

        Assert.Contains((await CheckAsync()).Findings, f => f.Rule == "root");
    }

    [Fact]
    public async Task An_entry_put_in_between_is_found()
    {
        await GivenALogAsync();
        await AsOwnerAsync($"""
            {Unlocked}
            insert into audit.event (event_id, subject_type, subject_key, subject_version, occurred_at, actor_id, actor_name, action, body)
                values ('00000000-0000-0000-0000-000000000009', 'test', 'put in', 1, now(), 'a', 'A', 'Tested', '{'{'}{'}'}');
            update audit.leaf set index = index + 1000 where index >= 5;
            insert into audit.leaf (index, event_id, hash) values (5, '00000000-0000-0000-0000-000000000009', sha256('x'));
            update audit.leaf set index = index - 999 where index >= 1000
            """);

        Assert.False((await CheckAsync()).Holds);
    }

    [Fact]
    public async Task A_cut_tail_is_found_by_a_checkpoint_that_is_left_and_otherwise_by_one_kept_outside()
    {
        await GivenALogAsync();
        await AsOwnerAsync($"{Unlocked} delete from audit.leaf where index >= (select size from audit.checkpoint order by id offset 1 limit 1)");
        Assert.Contains((await CheckAsync()).Findings, f => f.Rule == "missing-entries");

        await AsOwnerAsync($"{Unlocked} delete from audit.checkpoint where size > (select count(*) from audit.leaf)");
        Assert.Empty((await CheckAsync()).Findings);
        Assert.Contains((await CheckAsync(Published[^1])).Findings, f => f.Rule == "set-back");
    }

    [Fact]
    public async Task A_second_history_is_found_by_anybody_who_holds_a_checkpoint_of_the_first()
    {
        await GivenALogAsync(2);
        var first = Published.ToList();
        await AsOwnerAsync($"{Unlocked} delete from audit.checkpoint; delete from audit.subtree; delete from audit.leaf; update audit.event set actor_name = 'Somebody Else'; insert into audit.pending (event_id) select event_id from audit.event order by event_id; alter table audit.leaf enable trigger all");
        Remembered = null;
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();

        var second = await ExportAsync();
        Assert.True(Check(second).Holds);
        Assert.All(first, kept => Assert.Contains(Check(second, kept).Findings, f => f.Rule == "root"));
    }

    [Fact]
    public async Task A_forged_checkpoint_is_found()
    {
        await GivenALogAsync(2);
        var changed = Published[^1].Replace("time 2026", "time 2025", StringComparison.Ordinal);

        Assert.Equal("signature", Assert.Throws<CoEPortal.Evidence.Verify.CheckFailedException>(() => Check([], changed)).Rule);
    }

    private static string LeafOf(byte[] export, int index)
    {
        var line = Encoding.UTF8.GetString(export).Split('\n').Where(l => l.StartsWith("leaf ", StringComparison.Ordinal)).ElementAt(index);
        var json = line[(line.IndexOf(' ', 5) + 1)..];
        return Convert.ToHexStringLower(CoEPortal.Evidence.Verify.TreeCheck.HashLeaf(Encoding.UTF8.GetBytes(json)));
    }
}
