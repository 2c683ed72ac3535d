using CoEPortal.Governance;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoEPortal.Tests.Reliability;

/// <summary>One process of the portal as far as the database can tell: services and a connection pool of its own.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private Node(ServiceProvider services) => _services = services;

    /// <param name="change">What this node's access to the database does differently, such as leave out a guard.</param>
    public static Node Start(string connectionString, TimeProvider clock, Action<DbContextOptionsBuilder>? change = null, PersonalDataKey? key = null)
    {
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(clock)
            .AddSingleton(new Organisation())
            .AddSingleton(key ?? GovernanceTest.PersonalDataKey)
            .AddGovernance(connectionString, AppContext.BaseDirectory);
        if (change is not null)
        {
            services.ConfigureDbContext<GovernanceDb>(change);
        }

        return new Node(services.BuildServiceProvider());
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<GovernanceDb> DbAsync() => Get<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    /// <summary>"done", the rule of a refusal, or the constraint or error that stopped an attempt nobody had refused.</summary>
    public static async Task<string> OutcomeAsync(Func<Task> attempt)
    {
        try
        {
            await attempt();
            return "done";
        }
        catch (RuleViolationException refused)
        {
            return refused.Rule;
        }
        catch (Exception failed) when (CauseOf(failed) is { } cause)
        {
            return "error " + (cause.ConstraintName ?? cause.SqlState);
        }
    }

    // EF wraps what the database said once, and a dead-lock twice.
    private static PostgresException? CauseOf(Exception? failed) =>
        failed is null ? null : failed as PostgresException ?? CauseOf(failed.InnerException);
}
