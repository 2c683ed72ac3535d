using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Tests.Reliability;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Persistence;

/// <summary>A portal keeps its statements prepared for as long as its connections live, longer than a schema stays as it is.</summary>
public sealed class PreparedStatementTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    /// <summary>As a newer version of the portal would, on every table that there is.</summary>
    private const string AddColumns =
        """
        do $$
        declare
            found record;
        begin
            for found in select schemaname, tablename from pg_tables where schemaname in ('public', 'wf', 'audit') loop
                execute format('alter table %I.%I add later text', found.schemaname, found.tablename);
            end loop;
        end
        $$;
        """;

    /// <summary>One connection, on which everything is prepared at once.</summary>
    private string Prepared => Database.RuntimeConnectionString + ";Maximum Pool Size=1;Auto Prepare Min Usages=1";

    [Fact]
    public async Task Decisions_go_on_while_a_migration_adds_columns_beneath_them()
    {
        await using var node = Node.Start(Prepared, Clock);
        var before = await SubmitAsync(node);
        var after = await SubmitAsync(node);
        await DecideAllAsync(node, before);
        await SweepAsync(node);
        await node.Get<DecideReview>().RunAsync((await OpenTaskAsync(after, Role.Legal))!.Id, await ApprovalOfAsync(after), Confirmed("legal"));
        Assert.True(await CountPreparedAsync(node) > 10);

        await Migrator.RunAsync(Database.OwnerConnectionString, [.. Migrator.Scripts, new MigrationScript("9999_add_columns.sql", AddColumns)], TestContext.Current.CancellationToken);
        await DecideAllAsync(node, after);
        await SweepAsync(node);

        Assert.Equal(Stage.Approved, (await UseCaseAsync(after)).Stage);
        Assert.Equal(await ActionsAsync(before), await ActionsAsync(after));
    }

    [Fact]
    public async Task A_connection_string_can_say_that_nothing_is_to_be_prepared()
    {
        await using var node = Node.Start(Prepared + ";Max Auto Prepare=0", Clock);
        await DecideAllAsync(node, await SubmitAsync(node));

        Assert.Equal(0, await CountPreparedAsync(node));
    }

    /// <summary>Contexts are used again: what one command switched off for itself must be on for the next.</summary>
    [Fact]
    public async Task What_a_command_changed_about_its_context_ends_with_it()
    {
        await using var node = Node.Start(Database.RuntimeConnectionString, Clock);
        await DecideAllAsync(node, await SubmitAsync(node));

        await using var db = await node.DbAsync();
        Assert.True(db.Database.AutoSavepointsEnabled);
        Assert.True(db.ChangeTracker.AutoDetectChangesEnabled);
        Assert.Empty(db.ChangeTracker.Entries());
    }

    private static async Task<string> SubmitAsync(Node node)
    {
        var useCase = await node.Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        await node.Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        return useCase.Key;
    }

    private async Task DecideAllAsync(Node node, string key)
    {
        var draft = await ApprovalOfAsync(key);
        while (await OpenTaskAsync(key) is { } task)
        {
            await node.Get<DecideReview>().RunAsync(task.Id, draft, Confirmed(PersonaOf(task.Function)));
        }
    }

    private async Task<DecisionDraft> ApprovalOfAsync(string key)
    {
        await using var db = await DbAsync();
        var hash = await db.ApprovalRounds.Where(r => r.UseCaseKey == key).Select(r => r.ContentHash).SingleAsync();
        return new DecisionDraft(DecisionKind.Approve, "", [], hash);
    }

    private static async Task SweepAsync(Node node)
    {
        await node.Get<SweepReviewTimers>().RunAsync();
        await node.Get<DeliverOutbox>().RunAsync(Carrier.Email, (_, _) => Task.CompletedTask);
    }

    private static async Task<int> CountPreparedAsync(Node node)
    {
        await using var db = await node.DbAsync();
        return await db.Database.SqlQuery<int>($"select count(*)::int as \"Value\" from pg_prepared_statements where statement not like '%pg_prepared%'").SingleAsync();
    }
}
