using CoEPortal.Governance.Persistence;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Why a workflow file was not published.</summary>
public sealed record RefusedWorkflow(string File, string Reason);

/// <summary>
/// Takes the workflow files into force. A version is immutable by hash: a published version whose file changed, or a
/// file that does not lint, is refused and what is stored stays in force.
/// </summary>
public sealed class PublishWorkflows(IDbContextFactory<GovernanceDb> databases, string folder, TimeProvider clock)
{
    /// <summary>What the last run refused; shown on every page of a CoE lead and by <c>/health/ready</c>.</summary>
    public IReadOnlyList<RefusedWorkflow> Refused { get; private set; } = [];

    public async Task RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Two nodes start at once: one publishes, the other finds it done.
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_xact_lock(hashtext('publish-workflows'))", cancellation);
        var stored = await db.PublishedWorkflows.AsNoTracking().ToDictionaryAsync(p => (p.DefinitionId, p.DefinitionVersion), cancellation);
        var refused = new List<RefusedWorkflow>();
        foreach (var path in Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            var file = Path.GetFileName(path);
            try
            {
                var definition = DefinitionJson.Read(await File.ReadAllTextAsync(path, cancellation), file);
                if (stored.TryGetValue((definition.DefinitionId, definition.Version), out var published))
                {
                    if (published.Sha256 != definition.Sha256)
                    {
                        refused.Add(new RefusedWorkflow(file, $"version {definition.Version} is published with other content. Raise the version to change it."));
                    }
                }
                else if (Lint.Check(definition, LintPolicy.Lane) is [var finding, ..])
                {
                    refused.Add(new RefusedWorkflow(file, $"{finding.ActivityId}: {finding.Message} ({finding.Rule})"));
                }
                else
                {
                    var entry = new PublishedWorkflow
                    {
                        DefinitionId = definition.DefinitionId,
                        DefinitionVersion = definition.Version,
                        Sha256 = definition.Sha256,
                        Json = System.Text.Encoding.UTF8.GetString(DefinitionJson.Write(definition)),
                        PublishedAt = clock.GetUtcNow(),
                    };
                    db.PublishedWorkflows.Add(entry);
                    stored[(entry.DefinitionId, entry.DefinitionVersion)] = entry;
                }
            }
            catch (DefinitionException error)
            {
                refused.Add(new RefusedWorkflow(file, error.Message));
            }
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        Refused = refused;
    }
}
