using System.Text;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using CoEPortal.Workflows;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Approvals;

/// <summary>Why a workflow file was not published, or a lane cannot be used.</summary>
/// <param name="InForce">The version of this workflow that stays in force; null when there is none.</param>
public sealed record RefusedWorkflow(string File, string Rule, string? Activity, string Reason, int? InForce)
{
    public override string ToString() => $"{File}: {(Activity is null ? "" : Activity + ": ")}{Reason} ({Rule})";
}

/// <summary>
/// Takes the workflow files into force. A version is immutable by hash: a published version whose file changed, or a
/// file that does not lint, is refused and what is stored stays in force.
/// </summary>
public sealed class PublishWorkflows(
    IDbContextFactory<GovernanceDb> databases, string folder, TriageRules rules, TimeProvider clock)
{
    private const int MostFiles = 200;

    private sealed record Candidate(string File, WorkflowDefinition Definition);

    /// <summary>What the last run refused; shown to everybody who reads workflows and by <c>/health/ready</c>.</summary>
    public IReadOnlyList<RefusedWorkflow> Refused { get; private set; } = [];

    public async Task RunAsync(CancellationToken cancellation = default)
    {
        var refused = new List<RefusedWorkflow>();
        var candidates = await ReadAsync(refused, cancellation);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Two nodes start at once: one publishes, the other finds it done.
        await db.Database.ExecuteSqlRawAsync("select pg_advisory_xact_lock(hashtext('publish-workflows'))", cancellation);
        var stored = await db.PublishedWorkflows.AsNoTracking()
            .Select(p => new { p.DefinitionId, p.DefinitionVersion, p.Sha256 })
            .ToDictionaryAsync(p => (p.DefinitionId, p.DefinitionVersion), p => p.Sha256, cancellation);
        foreach (var candidate in candidates)
        {
            var definition = candidate.Definition;
            var isStored = stored.TryGetValue((definition.DefinitionId, definition.Version), out var sha256);
            var faults = FaultsOf(candidate, candidates, isStored ? sha256 : null).ToList();
            refused.AddRange(faults);
            if (faults.Count == 0 && !isStored)
            {
                db.PublishedWorkflows.Add(new PublishedWorkflow
                {
                    DefinitionId = definition.DefinitionId,
                    DefinitionVersion = definition.Version,
                    Sha256 = definition.Sha256,
                    Json = Encoding.UTF8.GetString(DefinitionJson.Write(definition)),
                    PublishedAt = clock.GetUtcNow(),
                });
                stored[(definition.DefinitionId, definition.Version)] = definition.Sha256;
            }
        }

        await db.SaveChangesAsync(cancellation);
        refused.AddRange(await LanesWithoutWorkflowAsync(db, cancellation));
        await transaction.CommitAsync(cancellation);
        Refused =
        [
            .. refused.Select(r => r with { InForce = candidates.Where(c => c.File == r.File).Select(c => InForce(c.Definition.DefinitionId)).FirstOrDefault() }),
        ];

        int? InForce(string definitionId) => stored.Keys.Where(k => k.DefinitionId == definitionId).Select(k => (int?)k.DefinitionVersion).Max();
    }

    private async Task<List<Candidate>> ReadAsync(List<RefusedWorkflow> refused, CancellationToken cancellation)
    {
        var candidates = new List<Candidate>();
        var paths = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).ToList() : [];
        foreach (var path in paths.Take(MostFiles))
        {
            var file = Path.GetFileName(path);
            try
            {
                candidates.Add(new Candidate(file, DefinitionJson.Read(await File.ReadAllTextAsync(path, cancellation), file)));
            }
            catch (DefinitionException error)
            {
                refused.Add(new RefusedWorkflow(file, error.Rule, null, error.Message, null));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                refused.Add(new RefusedWorkflow(file, "file-unreadable", null, $"The file cannot be read: {error.Message}", null));
            }
        }

        if (paths.Count > MostFiles)
        {
            refused.Add(new RefusedWorkflow(Path.GetFileName(folder), "too-many-files", null, $"There are {paths.Count} files; only the first {MostFiles} by name are read.", null));
        }

        return candidates;
    }

    private static IEnumerable<RefusedWorkflow> FaultsOf(Candidate candidate, List<Candidate> all, string? storedSha256)
    {
        var (file, definition) = candidate;
        RefusedWorkflow Fault(string rule, string reason, string? activity = null) => new(file, rule, activity, reason, null);

        // Of two files with one id the stored one is known to be right; without a stored one neither is.
        return storedSha256 is null
            && all.Find(c => c.File != file && c.Definition.DefinitionId == definition.DefinitionId && c.Definition.Version == definition.Version) is { } twin
            ? [Fault("id-twice", $"{twin.File} is also '{definition.DefinitionId}' version {definition.Version}. Give one of them another id or version.")]
            : WorkflowCheck.Of(definition, storedSha256).Select(f => Fault(f.Rule, f.Message, f.ActivityId));
    }

    /// <summary>Every lane that the triage rules can choose needs a workflow that asks whom the rules say.</summary>
    private async Task<IReadOnlyList<RefusedWorkflow>> LanesWithoutWorkflowAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var faults = new List<RefusedWorkflow>();
        var inForce = rules.InForce(clock.GetUtcNow());
        foreach (var lane in inForce.Lanes.Where(l => l.Lane is not Lane.NotAllowed))
        {
            var name = lane.Lane.ToString().ToLowerInvariant();
            var newest = await db.PublishedWorkflows.AsNoTracking().Where(p => p.DefinitionId == name)
                .OrderByDescending(p => p.DefinitionVersion).FirstOrDefaultAsync(cancellation);
            if (newest is null)
            {
                faults.Add(new RefusedWorkflow($"rules {inForce.Version}", "lane-not-published", null, $"The rules name the lane '{name}', which has no published workflow. Nothing can be submitted to it.", null));
                continue;
            }

            var required = DefinitionJson.Read(newest.Json, name).RequiredFunctions;
            if (!required.ToHashSet().SetEquals(lane.Functions.Select(f => f.ToString())))
            {
                faults.Add(new RefusedWorkflow(
                    $"rules {inForce.Version}", "lane-functions-differ", null,
                    $"The rules let {string.Join(", ", lane.Functions)} decide in the lane '{name}', its workflow requires {string.Join(", ", required)}. A review could then never be approved.", newest.DefinitionVersion));
            }
        }

        return faults;
    }
}
