using CoEPortal.Governance.Access;
using CoEPortal.Governance.Cards;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Dpia;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>What vouches for a use case beside the decisions on it. What is not there is an empty list, and the report says so.</summary>
/// <param name="Today">Decides what is current.</param>
/// <param name="Missed">What its lane asks for and is not current.</param>
/// <param name="Assessments">With their versions.</param>
/// <param name="Cards">Its own, then those of the models that the shown revision names.</param>
/// <param name="ModelsWithoutCard">Models that the shown revision names and nobody described.</param>
/// <param name="Gate">What is asked, and where each artefact stands that somebody evaluated.</param>
/// <param name="Promotions">The newest first.</param>
/// <param name="Findings">Of red teams, closed ones last, the newest first.</param>
/// <param name="Incidents">In which it is named, the newest first.</param>
/// <param name="Courses">Titles of those that its end users have to have completed.</param>
/// <param name="Documents">Those that count first.</param>
public sealed record PackAssurance(
    DateOnly Today,
    IReadOnlyList<MissedDuty> Missed,
    IReadOnlyList<ImpactAssessment> Assessments,
    IReadOnlyList<Card> Cards,
    IReadOnlyList<string> ModelsWithoutCard,
    UseCaseGate Gate,
    IReadOnlyList<Promotion> Promotions,
    IReadOnlyList<RedTeamFinding> Findings,
    IReadOnlyList<Incident> Incidents,
    IReadOnlyList<string> Courses,
    IReadOnlyList<UseCaseDocument> Documents)
{
    private const int Most = 200;

    internal static async Task<PackAssurance> OfAsync(
        GovernanceDb db, UseCase useCase, UseCaseRevision shown, GateRules rules, Organisation organisation, DateTimeOffset now, CancellationToken cancellation)
    {
        var key = useCase.Key;
        var models = CardExport.ModelsOf(shown.Proposal);
        var names = models.Select(m => m.ToLowerInvariant()).ToArray();
        var described = await db.Cards.FromSql(
            $"""
            select * from card where kind = 'Model' and array[lower(name), lower(name || '@' || model_version), lower(name || ':' || model_version), lower(name || '-' || model_version)] && {names}
            """).AsNoTracking().Include(c => c.Versions).AsSplitQuery().OrderBy(c => c.Name).ThenBy(c => c.Key).Take(Most).ToListAsync(cancellation);
        var own = await db.Cards.AsNoTracking().Include(c => c.Versions).AsSplitQuery().Where(c => c.UseCaseKey == key).OrderBy(c => c.Key).Take(Most).ToListAsync(cancellation);
        return new(
            organisation.DayOf(now),
            await db.MissedDuties.AsNoTracking().Where(d => d.UseCaseKey == key && d.Since != null).OrderBy(d => d.Duty).ToListAsync(cancellation),
            await db.ImpactAssessments.AsNoTracking().Include(a => a.Versions).AsSplitQuery().Where(a => a.UseCaseKey == key).OrderBy(a => a.Key).ToListAsync(cancellation),
            [.. own, .. described],
            [.. models.Where(m => !described.Exists(c => c.CallNames.Contains(m, StringComparer.OrdinalIgnoreCase)))],
            await GateBoard.OfAsync(db, key, rules, organisation, now, cancellation),
            await db.Promotions.AsNoTracking().Where(p => p.UseCaseKey == key).OrderByDescending(p => p.Number).Take(Most).ToListAsync(cancellation),
            await db.RedTeamFindings.AsNoTracking().Where(f => f.UseCaseKey == key).OrderBy(f => f.State == FindingState.Closed).ThenByDescending(f => f.ReportedAt).Take(Most).ToListAsync(cancellation),
            await db.Incidents.AsNoTracking().Where(i => i.UseCaseKeys.Contains(key)).OrderByDescending(i => i.ReportedAt).Take(Most).ToListAsync(cancellation),
            await db.Courses.AsNoTracking().Where(c => c.RetiredAt == null && c.RequiredBy.Contains(key)).OrderBy(c => c.Key).Select(c => c.Title).Take(Most).ToListAsync(cancellation),
            await KeepDocuments.OfAsync(db, key, cancellation));
    }
}
