using CoEPortal.Governance.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Persistence;

public sealed class MigratorTests(TestPostgres postgres) : IAsyncLifetime
{
    private static readonly MigrationScript First = new("0001_lane.sql", "create table lane (name text primary key);");
    private static readonly MigrationScript Second = new("0002_fast.sql", "insert into lane values ('fast');");

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await postgres.CreateEmptyDatabaseAsync();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Scripts_are_applied_once_and_in_the_order_of_their_numbers()
    {
        Assert.Equal(["0001_lane.sql", "0002_fast.sql"], await MigrateAsync(Second, First));
        Assert.Empty(await MigrateAsync(First, Second));
        Assert.Equal(1L, await ScalarAsync("select count(*) from lane"));
    }

    [Fact]
    public async Task Four_nodes_that_start_at_once_apply_each_script_once()
    {
        var slow = new MigrationScript("0003_slow.sql", "select pg_sleep(0.2); insert into lane values ('full');");

        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MigrateAsync(First, Second, slow)));

        Assert.Equal(3, applied.Sum(names => names.Count));
        Assert.Equal(2L, await ScalarAsync("select count(*) from lane"));
        Assert.Equal(3L, await ScalarAsync("select count(*) from schema_migration"));
    }

    [Fact]
    public async Task A_script_that_was_edited_after_it_was_applied_is_refused()
    {
        await MigrateAsync(First);

        var refusal = await RefusalAsync(() => MigrateAsync(First with { Sql = First.Sql + " -- harmless?" }, Second));

        Assert.Contains("0001_lane.sql was edited", refusal, StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync("select count(*) from lane"));
    }

    [Fact]
    public async Task Line_endings_of_a_checkout_are_not_an_edit()
    {
        var unix = new MigrationScript("0001_lane.sql", "create table lane\n(name text);\n");
        await MigrateAsync(unix);

        Assert.Empty(await MigrateAsync(new MigrationScript(unix.Name, unix.Sql.ReplaceLineEndings("\r\n"))));
    }

    [Fact]
    public async Task A_script_that_fails_leaves_nothing_and_can_be_corrected()
    {
        var broken = new MigrationScript("0002_fast.sql", "insert into lane values ('fast'); insert into line values (1);");

        var refusal = await RefusalAsync(() => MigrateAsync(First, broken));

        Assert.Contains("0002_fast.sql failed and left nothing: relation \"line\"", refusal, StringComparison.Ordinal);
        Assert.Equal(0L, await ScalarAsync("select count(*) from lane"));
        Assert.Equal(["0002_fast.sql"], await MigrateAsync(First, Second));
    }

    [Fact]
    public async Task A_script_that_comes_late_with_a_lower_number_is_refused()
    {
        await MigrateAsync(Second with { Sql = "select 1" });

        var refusal = await RefusalAsync(() => MigrateAsync(First, Second with { Sql = "select 1" }));

        Assert.Contains("0001_lane.sql comes before 0002_fast.sql", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_scripts_with_one_number_are_refused()
    {
        var refusal = await RefusalAsync(() => MigrateAsync(First, new MigrationScript("0001_budget.sql", "select 1")));

        Assert.Contains("0001_budget.sql and 0001_lane.sql have the same number", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_older_than_the_program_is_refused_with_the_command_that_helps()
    {
        await MigrateAsync(First);

        var refusal = await RefusalAsync(() => Migrator.CheckAsync(_database.RuntimeConnectionString, [First, Second]));

        Assert.Contains("is at 0001_lane.sql and this version of the portal needs 0002_fast.sql", refusal, StringComparison.Ordinal);
        Assert.Contains("`coe db migrate`", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_nobody_migrated_is_refused_with_the_command_that_helps()
    {
        var refusal = await RefusalAsync(() => Migrator.CheckAsync(_database.RuntimeConnectionString, [First]));

        Assert.Contains("no tables of the portal yet", refusal, StringComparison.Ordinal);
        Assert.Contains("`coe db migrate`", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_newer_than_the_program_is_refused_by_both()
    {
        await MigrateAsync(First, Second);

        var check = await RefusalAsync(() => Migrator.CheckAsync(_database.RuntimeConnectionString, [First]));
        var run = await RefusalAsync(() => MigrateAsync(First));

        Assert.Contains("has 0002_fast.sql, which this version of the portal does not know", check, StringComparison.Ordinal);
        Assert.Equal(check, run);
    }

    [Fact]
    public async Task A_database_at_the_version_of_the_program_is_accepted()
    {
        await MigrateAsync(First, Second);

        await Migrator.CheckAsync(_database.RuntimeConnectionString, [First, Second]);
    }

    [Fact]
    public async Task The_scripts_of_this_program_bring_an_empty_database_to_its_version()
    {
        await Migrator.RunAsync(_database.OwnerConnectionString, Migrator.Scripts);

        await Migrator.CheckAsync(_database.RuntimeConnectionString);
    }

    private Task<IReadOnlyList<string>> MigrateAsync(params MigrationScript[] scripts) =>
        Migrator.RunAsync(_database.OwnerConnectionString, scripts);

    private static async Task<string> RefusalAsync(Func<Task> order) =>
        (await Assert.ThrowsAsync<MigrationException>(order)).Message;

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database.OwnerConnectionString);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
