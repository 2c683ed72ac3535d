using CoEPortal.Tests.Persistence;
using CoEPortal.Web.Worker;
using Npgsql;

namespace CoEPortal.Tests.Worker;

/// <summary>The tables of the scheduler, which its own scripts make.</summary>
public sealed class ScheduleTablesTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task Nodes_that_start_at_once_make_the_tables_of_the_schedule_once_and_the_runtime_role_works_with_them()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new QuartzSchema(Database.OwnerConnectionString).MakeAsync()));
        await new QuartzSchema(Database.OwnerConnectionString).MakeAsync();

        await using var connection = new NpgsqlConnection(Database.RuntimeConnectionString);
        await connection.OpenAsync();
        await using var write = new NpgsqlCommand(
            "insert into qrtz_locks (sched_name, lock_name) values ('portal', 'TEST'); delete from qrtz_locks; select count(*) from qrtz_execution_history", connection);
        Assert.Equal(0L, await write.ExecuteScalarAsync());
        await using var own = new NpgsqlCommand("create table qrtz_mine (x int)", connection);
        await Assert.ThrowsAsync<PostgresException>(() => own.ExecuteNonQueryAsync());
    }
}
