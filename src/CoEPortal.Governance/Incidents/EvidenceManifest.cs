using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Incidents;

/// <summary>
/// What was there of a use case at a moment: one-pagers and versions by their hashes, switches, bindings and the figures of its
/// calls. No names of people and no words of theirs, so that it can be kept whatever is erased.
/// </summary>
internal static class EvidenceManifest
{
    private const int MostRows = 1000;

    public static async Task<string> OfAsync(GovernanceDb db, string useCaseKey, DateTimeOffset from, DateTimeOffset? until, DateTimeOffset now, CancellationToken cancellation)
    {
        var useCase = await db.UseCases.AsNoTracking().Include(u => u.Revisions).AsSplitQuery().SingleOrDefaultAsync(u => u.Key == useCaseKey, cancellation)
            ?? throw new NotFoundException("use case", useCaseKey);
        var versions = await db.ApprovedVersions.AsNoTracking().Where(v => v.UseCaseKey == useCaseKey).OrderByDescending(v => v.ApprovedAt).ThenBy(v => v.Id).Take(MostRows).ToListAsync(cancellation);
        var bindings = await db.CredentialBindings.AsNoTracking().Where(b => b.UseCaseKey == useCaseKey && b.RemovedAt == null).OrderBy(b => b.BoundAt).ThenBy(b => b.Id).Take(MostRows)
            .Select(b => new { b.Kind, b.Gateway, b.BoundAt }).ToListAsync(cancellation);
        var switches = await db.KillSwitches.AsNoTracking().Where(s => s.Scope == SwitchScope.UseCase && s.Target == useCaseKey || s.State != SwitchState.Released).OrderBy(s => s.Scope).ThenBy(s => s.Target).Take(MostRows).ToListAsync(cancellation);
        var end = until ?? now;
        var calls = await db.Database.SqlQuery<Calls>(
            $"""
            select count(*) "Count", count(*) filter (where failed) "Failed", coalesce(sum(input_tokens), 0)::bigint "Input", coalesce(sum(output_tokens), 0)::bigint "Output",
              coalesce(sum(cost), 0) "Cost", min(started_at) "First", max(started_at) "Last"
            from telemetry.call where use_case_key = {useCaseKey} and started_at between {from} and {end}
            """).SingleAsync(cancellation);
        var manifest = new JsonObject
        {
            ["useCase"] = useCaseKey,
            ["lockedAt"] = Text(now),
            ["from"] = Text(from),
            ["until"] = until is { } known ? Text(known) : null,
            ["stage"] = useCase.Stage.ToString(),
            ["approvedRevision"] = useCase.ApprovedRevision,
            ["revisions"] = new JsonArray([.. useCase.Revisions.OrderBy(r => r.Number).Select(r => (JsonNode)new JsonObject
            {
                ["number"] = r.Number,
                ["contentHash"] = r.ContentHash,
                ["submittedAt"] = Text(r.SubmittedAt),
                ["models"] = new JsonArray([.. r.Proposal.Endpoints.Select(e => (JsonNode)e)]),
            })]),
            ["versions"] = new JsonArray([.. versions.Select(v => (JsonNode)new JsonObject { ["version"] = v.Which.ToString(), ["approvedAt"] = Text(v.ApprovedAt) })]),
            ["bindings"] = new JsonArray([.. bindings.Select(b => (JsonNode)new JsonObject { ["kind"] = b.Kind.ToString(), ["gateway"] = b.Gateway, ["boundAt"] = Text(b.BoundAt) })]),
            ["switches"] = new JsonArray([.. switches.Select(s => (JsonNode)new JsonObject
            {
                ["scope"] = s.Scope.ToString(),
                ["target"] = s.Target,
                ["state"] = s.State.ToString(),
                ["mode"] = s.Mode?.ToString(),
                ["generation"] = s.Generation,
            })]),
            ["calls"] = new JsonObject
            {
                ["count"] = calls.Count,
                ["failed"] = calls.Failed,
                ["inputTokens"] = calls.Input,
                ["outputTokens"] = calls.Output,
                ["costUsd"] = calls.Cost.ToString(CultureInfo.InvariantCulture),
                ["first"] = calls.First is { } first ? Text(first) : null,
                ["last"] = calls.Last is { } last ? Text(last) : null,
            },
        };
        return Encoding.UTF8.GetString(CanonicalJson.Write(manifest));
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private sealed record Calls(long Count, long Failed, long Input, long Output, decimal Cost, DateTimeOffset? First, DateTimeOffset? Last);
}
