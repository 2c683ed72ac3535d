using System.Collections.Concurrent;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Governance.Audit;

/// <summary>The keys by which the log's personal texts are read, one for each person.</summary>
public sealed class PersonKeys
{
    private readonly ConcurrentDictionary<PersonId, DateTimeOffset> _destroyed = new();

    public Task DestroyAsync(GovernanceDb db, PersonId person, DateTimeOffset at, CancellationToken cancellation)
    {
        _destroyed[person] = at;
        return Task.CompletedTask;
    }
}
