using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>A use case that other rules would judge otherwise.</summary>
public sealed record ChangedJudgement(string Key, string Title, Stage Stage, string? RulesVersion, Lane? LaneBefore, Lane Lane, RiskClass? ClassBefore, RiskClass RiskClass, string Reason);

/// <param name="Judged">How many were judged.</param>
/// <param name="Moves">How many would go from which lane to which.</param>
/// <param name="Changes">The first of those that would change lane or class.</param>
public sealed record PreviewedRules(string Version, DateOnly EffectiveOn, int Judged, IReadOnlyDictionary<string, int> Moves, int ClassChanges, IReadOnlyList<ChangedJudgement> Changes);

/// <summary>
/// What rules would change before they take effect. Nobody is judged again by it: what was submitted keeps the version that
/// judged it, until it is submitted anew.
/// </summary>
public sealed class RulesPreview(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostListed = 200;
    private const int MostJudged = 50_000;

    /// <summary>A file that somebody is thinking of.</summary>
    /// <exception cref="RuleViolationException">It contradicts itself; says the line.</exception>
    public static RulesFile Given(string yaml)
    {
        Refuse.If(yaml.Length > 500_000, "invalid-rules", "A rules file has at most 500,000 characters.");
        try
        {
            return RulesFile.Parse(yaml, "rules");
        }
        catch (InvalidDataException error)
        {
            throw new RuleViolationException("invalid-rules", error.Message);
        }
    }

    public async Task<PreviewedRules> RunAsync(RulesFile rules, Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadWorkflows);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var patterns = await PatternLibrary.CurrentAsync(db, clock.GetUtcNow(), cancellation);
        var standing = await db.JudgementOverrides.AsNoTracking().Where(o => o.State == OverrideState.Confirmed).ToDictionaryAsync(o => o.UseCaseKey, cancellation);
        var (judged, classChanges) = (0, 0);
        var (moves, changes) = (new Dictionary<string, int>(), new List<ChangedJudgement>());
        // What was submitted last is judged as it was submitted; what never was, as it stands.
        var rows = db.UseCases.AsNoTracking().Where(u => u.Stage != Stage.Retired && u.Lane != null).OrderBy(u => u.Key).Take(MostJudged).Select(u => new
        {
            u.Key,
            u.Title,
            u.Stage,
            u.Lane,
            u.RiskClass,
            Submitted = u.Revisions.Where(r => r.Number == u.LatestRevision).Select(r => new { r.Proposal, r.Assessment }).FirstOrDefault(),
            Draft = u.LatestRevision == 0 ? u.Draft : null,
        });
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancellation))
        {
            var after = Triage.Assess(row.Submitted?.Proposal ?? row.Draft!, rules, patterns, standing.GetValueOrDefault(row.Key));
            judged++;
            var movesLane = row.Lane != after.Lane;
            var movesClass = row.RiskClass is { } before && before != after.RiskClass;
            classChanges += movesClass ? 1 : 0;
            if (movesLane)
            {
                var move = $"{row.Lane} → {after.Lane}";
                moves[move] = moves.GetValueOrDefault(move) + 1;
            }

            if ((movesLane || movesClass) && changes.Count < MostListed)
            {
                changes.Add(new(row.Key, row.Title, row.Stage, row.Submitted?.Assessment.RulesVersion, row.Lane, after.Lane, row.RiskClass, after.RiskClass, after.LaneReason));
            }
        }

        return new(rules.Version, rules.EffectiveOn, judged, moves, classChanges, changes);
    }
}
