using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.StageGates;

/// <summary>Stage gates come to a database in which use cases run already.</summary>
public sealed class MigratedPhaseTests(TestPostgres postgres)
{
    private const string Before = """
        insert into use_case (id, key, title, business_unit, stage, created_by, created_by_name, created_at, changed_at, editors, draft, latest_revision, approved_revision, version, event_count, origin, phase)
            select gen_random_uuid(), key, key, 'Claims', stage, 'x', 'x', now(), now(), '{x}', '{}', 1, approved, 1, 1, origin, phase
            from (values
                ('UC-0001', 'Draft', null::int, null, null), ('UC-0002', 'InService', 1, null, null), ('UC-0003', 'Draft', null, 'm', 'Idea'),
                ('UC-0004', 'Draft', null, 'm', 'Pilot'), ('UC-0005', 'Registered', null, 'm', null), ('UC-0006', 'Retired', null, 'm', 'Retired')) v (key, stage, approved, origin, phase)
        """;

    [Fact]
    public async Task Only_ideas_that_nobody_approved_are_asked_for_gates_and_nothing_that_ran_is_moved()
    {
        await using var database = await postgres.CreateEmptyDatabaseAsync();
        await Migrator.RunAsync(database.OwnerConnectionString, Migrator.Scripts.Where(s => string.CompareOrdinal(s.Name, "0110") < 0));
        await using var connection = new NpgsqlConnection(database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var fill = new NpgsqlCommand(Before, connection);
        await fill.ExecuteNonQueryAsync();

        await Migrator.RunAsync(database.OwnerConnectionString, Migrator.Scripts);

        await using var read = new NpgsqlCommand("select string_agg(concat_ws(' ', key, coalesce(phase, '-'), coalesce(registered_phase, '-'), gates_asked), ', ' order by key) from use_case", connection);
        Assert.Equal(
            "UC-0001 Idea - t, UC-0002 - - f, UC-0003 Idea Idea t, UC-0004 Pilot Pilot f, UC-0005 - - f, UC-0006 Retired Retired f",
            await read.ExecuteScalarAsync());
    }
}
