using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>What vouches for one use case, as far as a portfolio tells of it.</summary>
/// <param name="Today">Decides what is current.</param>
/// <param name="Assessment">Null when there is none.</param>
/// <param name="Card">Of the system; null when there is none.</param>
/// <param name="EvaluatedAt">Of the newest result; null when none was reported.</param>
/// <param name="Missed">What its lane asks for and is not current.</param>
public sealed record PortfolioAssurance(
    DateOnly Today, ImpactAssessment? Assessment, Card? Card, DateTimeOffset? EvaluatedAt, int OpenFindings, int OpenIncidents, IReadOnlyList<DutyRecord> Missed)
{
    /// <summary>Of all at once.</summary>
    internal static async Task<Func<string, PortfolioAssurance>> OfAllAsync(GovernanceDb db, string[] keys, DateOnly today, CancellationToken cancellation)
    {
        var assessments = await db.ImpactAssessments.AsNoTracking().Where(a => keys.Contains(a.UseCaseKey)).ToDictionaryAsync(a => a.UseCaseKey, cancellation);
        var cards = await db.Cards.AsNoTracking().Where(c => c.UseCaseKey != null && keys.Contains(c.UseCaseKey)).ToDictionaryAsync(c => c.UseCaseKey!, cancellation);
        var evaluated = await db.GateResults.Where(r => keys.Contains(r.UseCaseKey)).GroupBy(r => r.UseCaseKey).Select(g => new { g.Key, At = g.Max(r => r.EvaluatedAt) }).ToDictionaryAsync(g => g.Key, g => g.At, cancellation);
        var findings = await db.RedTeamFindings.Where(f => keys.Contains(f.UseCaseKey) && f.State != FindingState.Closed).GroupBy(f => f.UseCaseKey).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellation);
        var incidents = (await db.Incidents.AsNoTracking().Where(i => i.State == IncidentState.Reported || i.State == IncidentState.Open || i.State == IncidentState.Contained)
            .Where(i => i.UseCaseKeys.Any(k => keys.Contains(k))).Select(i => i.UseCaseKeys).ToListAsync(cancellation)).SelectMany(k => k).CountBy(k => k).ToDictionary();
        var missed = (await db.MissedDuties.AsNoTracking().Where(d => keys.Contains(d.UseCaseKey) && d.Since != null).OrderBy(d => d.Duty).ToListAsync(cancellation)).ToLookup(d => d.UseCaseKey, d => d.Duty);
        return key => new PortfolioAssurance(
            today, assessments.GetValueOrDefault(key), cards.GetValueOrDefault(key), evaluated.TryGetValue(key, out var at) ? at : null, findings.GetValueOrDefault(key), incidents.GetValueOrDefault(key), [.. missed[key]]);
    }
}
