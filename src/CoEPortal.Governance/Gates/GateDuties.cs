using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Gates;

/// <summary>Which use cases run on something that no longer passes its gate, or never did: asked for all at once.</summary>
internal static class GateDuties
{
    /// <returns>Keys of those that have promoted nothing, or of which a promoted artefact does not pass.</returns>
    public static async Task<IReadOnlyList<string>> WithoutAsync(
        GovernanceDb db, IReadOnlyList<(string Key, Lane Lane)> useCases, GateRules rules, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        if (useCases.Count == 0)
        {
            return [];
        }

        var keys = useCases.Select(u => u.Key).ToArray();
        var promoted = await db.Promotions.FromSql(
            $"""
            select distinct on (p.use_case_key, p.component, p.artefact) p.* from promotion p
            where p.state = 'Approved' and p.use_case_key = any ({keys}) order by p.use_case_key, p.component, p.artefact, p.closed_at desc, p.number desc
            """).AsNoTracking().ToListAsync(cancellation);
        var results = await db.GateResults.FromSql(
            $"""
            select distinct on (g.use_case_key, g.component, g.artefact, g.artefact_hash, g.suite, k.id is null) g.* from gate_result g
            join promotion p on p.use_case_key = g.use_case_key and p.component = g.component and p.artefact = g.artefact and p.artefact_hash = g.artefact_hash and p.state = 'Approved'
            left join pipeline_key k on k.id = g.key_id and (k.distrusted_from is null or g.received_at < k.distrusted_from)
            where g.use_case_key = any ({keys}) order by g.use_case_key, g.component, g.artefact, g.artefact_hash, g.suite, k.id is null, g.evaluated_at desc, g.id desc
            """).AsNoTracking().ToListAsync(cancellation);
        var own = (await db.OwnMetrics.AsNoTracking().Where(m => keys.Contains(m.UseCaseKey)).ToListAsync(cancellation)).ToLookup(m => m.UseCaseKey);
        var findings = (await db.RedTeamFindings.AsNoTracking().Where(f => keys.Contains(f.UseCaseKey) && f.State != FindingState.Closed).ToListAsync(cancellation)).ToLookup(f => f.UseCaseKey);
        var signing = (await db.PipelineKeys.AsNoTracking().Where(k => k.UseCaseKey == null || keys.Contains(k.UseCaseKey)).ToListAsync(cancellation)).ToLookup(k => k.UseCaseKey ?? "");
        var (ofUseCase, resultsOf) = (promoted.ToLookup(p => p.UseCaseKey), results.ToLookup(r => r.UseCaseKey));
        return [.. useCases.Where(u => !ofUseCase[u.Key].Any() || ofUseCase[u.Key].Any(p => !Check(u, p).Passes)).Select(u => u.Key)];

        GateCheck Check((string Key, Lane Lane) useCase, Promotion promotion) => GateCheck.Of(
            promotion.Which, promotion.ArtefactHash, rules, rules.RequiredFor(useCase.Lane, promotion.Component, own[useCase.Key]),
            [.. resultsOf[useCase.Key]], [.. findings[useCase.Key]], [.. signing[useCase.Key], .. signing[""]], now, today);
    }
}
