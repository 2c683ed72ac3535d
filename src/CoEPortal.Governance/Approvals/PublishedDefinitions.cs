using System.Collections.Concurrent;
using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Published workflows, read once each: a version never changes, so what was read stays true.</summary>
public sealed class PublishedDefinitions
{
    private readonly ConcurrentDictionary<(string Id, int Version), WorkflowDefinition> _read = new();

    internal async Task<WorkflowDefinition> OfAsync(GovernanceDb db, string definitionId, int version, CancellationToken cancellation)
    {
        if (_read.TryGetValue((definitionId, version), out var known))
        {
            return known;
        }

        var published = await db.PublishedWorkflows.AsNoTracking()
            .SingleAsync(p => p.DefinitionId == definitionId && p.DefinitionVersion == version, cancellation);
        return _read.GetOrAdd((definitionId, version), DefinitionJson.Read(published.Json, $"{definitionId} version {version}"));
    }

    /// <returns>The newest published version; null when there is none.</returns>
    internal async Task<WorkflowDefinition?> NewestAsync(GovernanceDb db, string definitionId, CancellationToken cancellation)
    {
        var version = await db.PublishedWorkflows.AsNoTracking().Where(p => p.DefinitionId == definitionId)
            .MaxAsync(p => (int?)p.DefinitionVersion, cancellation);
        return version is { } newest ? await OfAsync(db, definitionId, newest, cancellation) : null;
    }
}
