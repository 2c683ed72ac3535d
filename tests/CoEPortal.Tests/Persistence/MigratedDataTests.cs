using CoEPortal.Governance.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Persistence;

/// <summary>A database that an earlier version has filled is brought to this one, and what is in it stays whole.</summary>
public sealed class MigratedDataTests(TestPostgres postgres) : IAsyncLifetime
{
    private const string Review = """
        insert into use_case (id, key, title, business_unit, stage, created_by, created_by_name, created_at, changed_at, editors, draft, latest_revision, version, event_count)
            values ('00000000-0000-0000-0000-000000000001', 'UC-0001', 'Letters', 'Claims', 'InReview', 'nils', 'Nils Berg', now(), now(), '{nils}', '{}', 1, 1, 1);
        insert into use_case_revision (use_case_id, number, proposal, assessment, content, content_hash, submitted_by, submitted_by_name, submitted_at)
            values ('00000000-0000-0000-0000-000000000001', 1, '{}', '{"tier":"medium"}', 'x', 'sha256:' || encode(sha256('x'), 'hex'), 'nils', 'Nils Berg', now());
        insert into wf.published_workflow (definition_id, definition_version, sha256, json, published_at) values ('standard', 1, repeat('a', 64), '{}', now());
        insert into approval_round (id, use_case_id, use_case_key, revision_number, number, content_hash, lane, required_functions, authors, status, opened_at, version, event_count)
            values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'UC-0001', 1, 1, 'sha256:' || encode(sha256('x'), 'hex'), 'Standard', '{Legal,CoeLead}', '{nils}', 'Open', now(), 1, 1);
        insert into wf.lane_instance (id, round_id, definition_id, definition_version, status, state, started_at, changed_at, journal_length)
            values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000002', 'standard', 1, 'Running/Suspended', '{}', now(), now(), 4);
        insert into wf.lane_journal_entry (instance_id, sequence, activity, event, at, actor_id) values
            ('00000000-0000-0000-0000-000000000003', 1, 'start', 'Completed', now(), 'nils'),
            ('00000000-0000-0000-0000-000000000003', 2, 'legal', 'Scheduled', now(), 'nils'),
            ('00000000-0000-0000-0000-000000000003', 3, 'legal', 'Completed', now(), 'maria'),
            ('00000000-0000-0000-0000-000000000003', 4, 'lead', 'Scheduled', now(), 'nils');
        insert into review_task (id, round_id, instance_id, bookmark_id, use_case_key, function, state, opened_at, due_at, closed_at) values
            ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003', 'b1', 'UC-0001', 'Legal', 'Decided', now(), '2026-11-20 16:00Z', now()),
            ('00000000-0000-0000-0000-000000000005', '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000003', 'b2', 'UC-0001', 'CoeLead', 'Open', now(), '2026-11-25 16:00Z', null);
        insert into decision (id, round_id, function, person_id, person_name, kind, comment, conditions, seen_conditions, content_hash, decided_at)
            values ('00000000-0000-0000-0000-000000000006', '00000000-0000-0000-0000-000000000002', 'Legal', 'maria', 'Maria Rossi', 'Approve', '', '{}', '{}', 'sha256:' || encode(sha256('x'), 'hex'), now());
        """;

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await postgres.CreateEmptyDatabaseAsync();
        await Migrator.RunAsync(_database.OwnerConnectionString, Migrator.Scripts.Where(s => string.CompareOrdinal(s.Name, "0009") < 0));
        await AsOwnerAsync(Review);
        await Migrator.RunAsync(_database.OwnerConnectionString, Migrator.Scripts);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_review_that_ran_before_tiers_were_kept_gets_the_tier_of_its_revision() =>
        Assert.Equal("Medium", await AsOwnerAsync("select tier from approval_round"));

    [Fact]
    public async Task Whoever_had_decided_stays_the_signatory_of_that_decision()
    {
        Assert.Equal("maria", await AsOwnerAsync("select person_id from decision_signatory"));
        var again = await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("""
            insert into decision (id, round_id, function, person_id, person_name, kind, comment, conditions, seen_conditions, content_hash, decided_at, on_behalf_of_id, on_behalf_of_name)
                select gen_random_uuid(), round_id, 'CoeLead', 'lead', 'Lead', 'Approve', '', '{}', '{}', content_hash, now(), 'maria', 'Maria Rossi' from decision
            """));
        Assert.Equal("one_decision_stands_behind_a_person", again.ConstraintName);
    }

    [Fact]
    public async Task Only_tasks_that_were_open_escalate_a_day_after_they_were_due() =>
        Assert.Equal(
            "00000000-0000-0000-0000-000000000005 Escalate Pending 2026-11-26",
            await AsOwnerAsync("select string_agg(concat_ws(' ', task_id, kind, state, (due_at at time zone 'UTC')::date), ',') from review_timer"));

    [Fact]
    public async Task A_journal_reads_as_before_and_stands_in_one_row_for_each_time_it_was_written()
    {
        Assert.Equal(
            "1 start Completed nils, 2 legal Scheduled nils, 3 legal Completed maria, 4 lead Scheduled nils",
            await AsOwnerAsync("select string_agg(concat_ws(' ', sequence, activity, event, actor_id), ', ' order by sequence) from wf.lane_journal_entry"));
        Assert.Equal(3L, await AsOwnerAsync("select count(*) from wf.lane_journal"));
    }

    private async Task<object?> AsOwnerAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
