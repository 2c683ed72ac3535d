using CoEPortal.Governance;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CoEPortal.Benchmarks;

/// <summary>The same commands on the same database, with the event left out of what is saved: what the log costs is the difference.</summary>
internal sealed class UnloggedWrites : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public UnloggedWrites(string runtimeConnectionString, PersonalDataKey key) => _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(new Organisation())
        .AddSingleton(key)
        .AddGovernance(runtimeConnectionString, AppContext.BaseDirectory)
        .ConfigureDbContext<GovernanceDb>(options => options.AddInterceptors(new LeaveOutEvents()))
        .BuildServiceProvider();

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class LeaveOutEvents : SaveChangesInterceptor
    {
        public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
            DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            foreach (var entry in eventData.Context!.ChangeTracker.Entries<AuditEvent>().Where(e => e.State == EntityState.Added).ToList())
            {
                entry.State = EntityState.Detached;
            }

            return ValueTask.FromResult(result);
        }
    }
}
