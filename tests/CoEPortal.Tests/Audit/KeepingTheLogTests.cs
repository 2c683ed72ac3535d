using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Audit;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Audit;

public sealed class KeepingTheLogTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    [Fact]
    public async Task Every_event_gets_one_number_and_none_is_left_out()
    {
        await GivenALogAsync();

        var events = await ScalarAsync<long>("select count(*) from audit.event");
        Assert.Equal(events, await ScalarAsync<long>("select count(*) from audit.leaf"));
        Assert.Equal(events - 1, await ScalarAsync<long>("select max(index) from audit.leaf"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from audit.pending"));
        var report = await CheckAsync([.. Published]);
        Assert.Empty(report.Findings);
        Assert.Equal((events, events, 4), (report.Size, report.SignedSize, report.Checkpoints));
    }

    [Fact]
    public async Task An_event_that_commits_late_gets_a_later_number_and_holds_up_nobody()
    {
        await using var late = await Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var open = await late.BeginTransactionAsync();
        await InsertAsync(late, "late");
        await GivenASubmittedAsync(ClaimsProposal);
        var first = await Get<IntegrateEvents>().RunAsync();
        await open.CommitAsync();

        Assert.True(first > 0);
        Assert.Equal(1, await Get<IntegrateEvents>().RunAsync());
        Assert.Equal("late", await ScalarAsync<string>("select e.subject_key from audit.leaf l join audit.event e using (event_id) order by l.index desc limit 1"));
    }

    [Fact]
    public async Task Several_nodes_that_number_at_once_number_each_event_once()
    {
        for (var i = 0; i < 3; i++)
        {
            await GivenASubmittedAsync(ClaimsProposal);
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Get<IntegrateEvents>().RunAsync()));
        await Get<IntegrateEvents>().RunAsync();

        await SignAsync();
        Assert.Empty((await CheckAsync()).Findings);
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from audit.pending"));
    }

    [Fact]
    public async Task Nothing_is_signed_twice_and_a_quiet_log_once_an_hour()
    {
        await GivenALogAsync(1);
        Assert.Null(await SignAsync());

        Clock.Advance(TimeSpan.FromHours(1));
        Assert.NotNull(await SignAsync());

        Assert.Equal(2, Published.Count);
        Assert.Empty((await CheckAsync([.. Published])).Findings);
    }

    [Fact]
    public async Task A_clock_that_runs_behind_does_not_stop_the_log()
    {
        await GivenALogAsync(1);
        Clock.Advance(TimeSpan.FromMinutes(-10));
        await GivenALogAsync(1);

        Assert.Empty((await CheckAsync([.. Published])).Findings);
    }

    [Fact]
    public async Task A_log_that_was_set_back_is_signed_no_more()
    {
        await GivenALogAsync();
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync("alter table audit.leaf disable trigger all; delete from audit.leaf where index >= 3; alter table audit.checkpoint disable trigger all; delete from audit.checkpoint");

        var refusal = await Assert.ThrowsAsync<AuditLogException>(() => SignAsync());

        Assert.Contains("was set back, or entries were removed", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(4, Published.Count);
    }

    [Fact]
    public async Task A_log_that_was_set_back_shows_at_once_though_nothing_happens_and_its_last_checkpoint_is_young()
    {
        await GivenALogAsync(2);
        var backup = await ScalarAsync<long>("select max(index) from audit.leaf");
        await GivenALogAsync(2);
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync($"alter table audit.leaf disable trigger all; delete from audit.leaf where index > {backup}; alter table audit.checkpoint disable trigger all; delete from audit.checkpoint where size > {backup + 1}");

        var refusal = await Assert.ThrowsAsync<AuditLogException>(() => SignAsync());

        Assert.Contains("was set back, or entries were removed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_memory_that_holds_no_checkpoint_any_more_stops_the_signing_and_says_so()
    {
        await GivenALogAsync(1);
        Remembered = Remembered!.Replace("time 2026", "time 2027", StringComparison.Ordinal);

        var refusal = await Assert.ThrowsAsync<AuditLogException>(() => SignAsync());

        Assert.Contains("cannot be read again", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_whose_turn_it_is_not_compares_too()
    {
        await GivenALogAsync();
        await using var other = await Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var turn = await other.BeginTransactionAsync();
        await using (var signing = new NpgsqlCommand("select pg_advisory_xact_lock((x'415544495453494E')::bigint)", other))
        {
            await signing.ExecuteNonQueryAsync();
        }

        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await SignAsync());
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync("alter table audit.leaf disable trigger all; update audit.leaf set hash = sha256('x') where index = 1");

        await Assert.ThrowsAsync<AuditLogException>(() => SignAsync());
    }

    [Fact]
    public async Task A_log_whose_past_was_rewritten_is_signed_no_more()
    {
        await GivenALogAsync();
        LeavesTheDatabaseSound = false;
        await AsOwnerAsync("alter table audit.leaf disable trigger all; update audit.leaf set hash = sha256('x') where index = 1");
        await GivenASubmittedAsync(ClaimsProposal);
        await Get<IntegrateEvents>().RunAsync();

        var refusal = await Assert.ThrowsAsync<AuditLogException>(() => SignAsync());

        Assert.Contains("are not those that were signed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_key_goes_on_with_the_log_and_both_are_believed()
    {
        await GivenALogAsync(2);
        using var next = LogKey.Create(Key.Origin);
        await GivenASubmittedAsync(ClaimsProposal);
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync(next);

        var file = await ExportAsync();
        var both = LogCheck.Verify(new MemoryStream(file), [Pin, PinnedKey.Parse(next.Public)], []);
        var old = LogCheck.Verify(new MemoryStream(file), [Pin], []);

        Assert.Empty(both.Findings);
        Assert.Equal("unknown-key", Assert.Single(old.Findings, f => f.IsFault).Rule);
    }

    [Theory]
    [InlineData("update audit.leaf set hash = hash")]
    [InlineData("delete from audit.leaf")]
    [InlineData("truncate audit.checkpoint")]
    [InlineData("update audit.checkpoint set note = 'x'")]
    [InlineData("insert into audit.pending (event_id) select event_id from audit.event limit 1")]
    [InlineData("insert into audit.leaf (index, event_id, hash, integrated_at) select 0, event_id, sha256('x'), now() from audit.event limit 1")]
    [InlineData("alter table audit.event disable trigger all")]
    public async Task The_portal_itself_can_change_nothing_of_it(string sql)
    {
        await GivenALogAsync(1);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<object>(sql));

        Assert.Contains(refused.SqlState, new[] { PostgresErrorCodes.InsufficientPrivilege, PostgresErrorCodes.RaiseException });
    }

    [Theory]
    [InlineData("insert into audit.leaf (index, event_id, hash) select 99, event_id, sha256('x') from audit.pending limit 1", "leaves_follow_each_other")]
    [InlineData("insert into audit.checkpoint (size, root, at, note) values (99, sha256('x'), now(), 'x')", "checkpoints_only_grow")]
    [InlineData("insert into audit.checkpoint (size, root, at, note) values (1, sha256('x'), now() + interval '1 year', 'x')", "checkpoints_only_grow")]
    public async Task Nor_can_it_number_with_a_gap_or_sign_less_than_before(string sql, string rule)
    {
        await GivenALogAsync(1);
        await GivenASubmittedAsync(ClaimsProposal);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync<object>(sql));

        Assert.Equal(rule, refused.ConstraintName);
    }

    private static async Task InsertAsync(NpgsqlConnection connection, string subject)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into audit.event (event_id, subject_type, subject_key, subject_version, occurred_at, actor_id, actor_name, action, body)
            values (gen_random_uuid(), 'test', $1, 1, now(), 'a', 'A', 'Tested', '{}')
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subject });
        await command.ExecuteNonQueryAsync();
    }
}
