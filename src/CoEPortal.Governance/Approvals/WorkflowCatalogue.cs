using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>One version of a workflow, as published.</summary>
public sealed record PublishedVersion(string DefinitionId, int Version, string Sha256, DateTimeOffset PublishedAt, int Running, bool IsNewest);

/// <summary>A workflow in force: its newest version, and how many instances run on any of its versions.</summary>
public sealed record WorkflowInForce(WorkflowDefinition Definition, PublishedVersion Newest, int Running, int Versions);

/// <summary>A workflow file somebody tries out before it is published.</summary>
/// <param name="Definition">Null when the file cannot be read.</param>
/// <param name="Findings">Why it would be refused; empty when it would be published.</param>
/// <param name="Newest">The version of this workflow in force; null when there is none.</param>
/// <param name="IsPublished">The file is published already, as it is.</param>
public sealed record TriedFile(string File, WorkflowDefinition? Definition, IReadOnlyList<LintFinding> Findings, int? Newest, bool IsPublished);

/// <summary>The published workflows, and what publishing another file would find.</summary>
public sealed class WorkflowCatalogue(IDbContextFactory<GovernanceDb> databases, PublishedDefinitions definitions)
{
    /// <summary>Every published version, by workflow, newest first.</summary>
    public async Task<IReadOnlyList<PublishedVersion>> PublishedAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadWorkflows);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var versions = await db.PublishedWorkflows.AsNoTracking().OrderBy(p => p.DefinitionId).ThenByDescending(p => p.DefinitionVersion)
            .Select(p => new
            {
                p.DefinitionId,
                p.DefinitionVersion,
                p.Sha256,
                p.PublishedAt,
                Running = db.LaneInstances.Count(i => i.DefinitionId == p.DefinitionId && i.DefinitionVersion == p.DefinitionVersion && i.Status == "Running/Suspended"),
            })
            .Take(1000).ToListAsync(cancellation);
        var newest = versions.GroupBy(v => v.DefinitionId).ToDictionary(g => g.Key, g => g.Max(v => v.DefinitionVersion));
        return versions.ConvertAll(v => new PublishedVersion(v.DefinitionId, v.DefinitionVersion, v.Sha256, v.PublishedAt, v.Running, newest[v.DefinitionId] == v.DefinitionVersion));
    }

    /// <summary>The newest version of every workflow.</summary>
    public async Task<IReadOnlyList<WorkflowInForce>> InForceAsync(Actor reader, CancellationToken cancellation = default)
    {
        var published = await PublishedAsync(reader, cancellation);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var inForce = new List<WorkflowInForce>();
        foreach (var versions in published.GroupBy(p => p.DefinitionId))
        {
            var newest = versions.First(v => v.IsNewest);
            inForce.Add(new WorkflowInForce(
                await definitions.OfAsync(db, newest.DefinitionId, newest.Version, cancellation), newest, versions.Sum(v => v.Running), versions.Count()));
        }

        return inForce;
    }

    /// <param name="version">Null: the newest.</param>
    /// <returns>Null when no such version was published.</returns>
    public async Task<WorkflowDefinition?> DefinitionAsync(string definitionId, int? version, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadWorkflows);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return version is not { } wanted ? await definitions.NewestAsync(db, definitionId, cancellation)
            : await db.PublishedWorkflows.AnyAsync(p => p.DefinitionId == definitionId && p.DefinitionVersion == wanted, cancellation)
                ? await definitions.OfAsync(db, definitionId, wanted, cancellation)
                : null;
    }

    /// <summary>Says what publishing a file would find. Nothing is stored.</summary>
    public async Task<TriedFile> TryFileAsync(string file, ReadOnlyMemory<byte> utf8, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.OperateWorkflows);
        WorkflowDefinition definition;
        try
        {
            definition = DefinitionJson.Read(utf8, file);
        }
        catch (DefinitionException error)
        {
            return new TriedFile(file, null, [new LintFinding(error.Rule, error.ActivityId, error.Message)], null, false);
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        var published = await db.PublishedWorkflows.AsNoTracking().Where(p => p.DefinitionId == definition.DefinitionId)
            .Select(p => new { p.DefinitionVersion, p.Sha256 }).ToDictionaryAsync(p => p.DefinitionVersion, p => p.Sha256, cancellation);
        var sha256 = published.GetValueOrDefault(definition.Version);
        // Every run of a large file takes a while, and others use this thread.
        var findings = await Task.Run(() => WorkflowCheck.Of(definition, sha256), cancellation);
        return new TriedFile(file, definition, findings, published.Count == 0 ? null : published.Keys.Max(), sha256 == definition.Sha256);
    }
}
