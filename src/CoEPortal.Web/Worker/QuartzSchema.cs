using CoEPortal.Governance.Persistence;
using Npgsql;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>
/// The tables of the scheduler: made by the owner, worked with by the runtime role, which owns nothing. Quartz knows how
/// to make them, so no migration of ours repeats them.
/// </summary>
/// <param name="ownerConnectionString">Null where somebody else made them.</param>
public sealed class QuartzSchema(string? ownerConnectionString)
{
    private const long LockKey = 0x434F455141525A; // "COEQARZ"

    public async Task MakeAsync(CancellationToken cancellation = default)
    {
        if (ownerConnectionString is null)
        {
            return;
        }

        // Two nodes start at once: one makes the tables, the other waits and finds them. Closing frees the lock.
        var unpooled = new NpgsqlConnectionStringBuilder(ownerConnectionString) { Pooling = false }.ConnectionString;
        await using var connection = new NpgsqlConnection(unpooled);
        await connection.OpenAsync(cancellation);
        await ExecuteAsync(connection, $"select pg_advisory_lock({LockKey})", cancellation);
        if (await IsReadyAsync(connection, cancellation))
        {
            return;
        }

        await ProvisionAsync(unpooled, cancellation);
        await ExecuteAsync(
            connection,
            $"""
            do $$
            declare
                made record;
            begin
                for made in select c.oid::regclass as name, c.relkind from pg_class c
                    where c.relnamespace = 'public'::regnamespace and c.relname like 'qrtz\_%' and c.relkind in ('r', 'S')
                loop
                    if made.relkind = 'S' then
                        execute format('grant usage, select on sequence %s to {EmbeddedPostgres.RuntimeRole}', made.name);
                    else
                        execute format('grant select, insert, update, delete on %s to {EmbeddedPostgres.RuntimeRole}', made.name);
                    end if;
                end loop;
            end
            $$
            """, cancellation);
    }

    /// <summary>Granting comes last and is one transaction, so what the runtime role may write is complete.</summary>
    private static async Task<bool> IsReadyAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select coalesce(has_table_privilege('{EmbeddedPostgres.RuntimeRole}', to_regclass('public.qrtz_job_details'), 'delete'), false)
                and to_regclass('public.qrtz_execution_history') is not null
            """, connection);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>A scheduler that is made and thrown away: Quartz makes its tables as one comes into being.</summary>
    private static async Task ProvisionAsync(string owner, CancellationToken cancellation)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = "schema");
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(NpgsqlFactory.Instance, owner);
                store.UseExecutionHistory();
                store.ProvisionSchema();
            });
        });
        await using var provider = services.BuildServiceProvider();
        var scheduler = await provider.GetRequiredService<ISchedulerFactory>().GetScheduler(cancellation);
        await scheduler.Shutdown(waitForJobsToComplete: false, cancellation);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
