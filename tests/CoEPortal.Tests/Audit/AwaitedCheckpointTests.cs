using CoEPortal.Governance.Audit;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Audit;

public sealed class AwaitedCheckpointTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(250);

    [Fact]
    public async Task Who_waits_is_answered_when_the_change_is_in_a_signed_checkpoint()
    {
        await GivenALogAsync(1);
        await EngageAsync();
        var waiting = Get<AwaitCheckpoint>().RunAsync(Patience);
        Assert.False(waiting.IsCompleted);

        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();

        var size = await waiting;
        Assert.NotNull(size);
        Assert.True(size > await ScalarAsync<long>("select l.index from audit.leaf l join audit.event e using (event_id) where e.action = 'KillSwitchEngaged'"));
    }

    [Fact]
    public async Task A_number_without_a_signature_is_not_enough()
    {
        await GivenALogAsync(1);
        await EngageAsync();
        await Get<IntegrateEvents>().RunAsync();

        Assert.Null(await Get<AwaitCheckpoint>().RunAsync(Short));
    }

    [Fact]
    public async Task Where_nobody_keeps_the_log_the_change_stands_and_the_answer_says_not_yet()
    {
        await EngageAsync();

        Assert.Null(await Get<AwaitCheckpoint>().RunAsync(Short));

        Assert.Equal("Engaged", await ScalarAsync<string>("select state from kill_switch"));
    }

    [Fact]
    public async Task Somebody_elses_open_transaction_holds_up_nobody()
    {
        await GivenALogAsync(1);
        await using var other = await Get<NpgsqlDataSource>().OpenConnectionAsync();
        await using var open = await other.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand(
            """
            insert into audit.event (event_id, subject_type, subject_key, subject_version, occurred_at, actor_id, actor_name, action, body)
            values (gen_random_uuid(), 'test', 'late', 1, now(), 'a', 'A', 'Tested', '{}')
            """, other))
        {
            await insert.ExecuteNonQueryAsync();
        }

        await EngageAsync();
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();

        Assert.NotNull(await Get<AwaitCheckpoint>().RunAsync(Patience));
    }

    [Fact]
    public async Task No_more_wait_at_once_than_leave_connections_for_those_who_work()
    {
        await EngageAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Get<AwaitCheckpoint>().RunAsync(Short)));

        Assert.All(answers, Assert.Null);
        await Get<EngageKillSwitch>().RunAsync(SwitchScope.Model, "gpt-4o", SwitchMode.Stop, "Still possible.", "", Who("security"));
    }

    private Task EngageAsync() => Get<EngageKillSwitch>().RunAsync(SwitchScope.All, "*", SwitchMode.Stop, "Leak.", "", Who("security"));
}
