using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.ShadowAi;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>One campaign: what it covered, what it found, what becomes of it, what was revealed, and who signed. No name of a log is in it.</summary>
/// <param name="Findings">The weightiest first.</param>
/// <param name="FindingCount">How many there are.</param>
public sealed record CampaignPack(
    CampaignSubject About, DateTimeOffset CollectedAt, Campaign Campaign, IReadOnlyList<SourceCoverage> Coverage, CampaignDifference? Difference, IReadOnlyList<ToolFinding> Findings, int FindingCount,
    IReadOnlyList<UsageImport> Imports, IReadOnlyList<PersonReveal> Reveals, DateOnly Today, IReadOnlyList<TimelineEntry> Timeline, IReadOnlyList<TimelineEntry> Events)
    : AuditPack(About, CollectedAt, Timeline, Timeline.Count, Events);

/// <summary>One campaign, with its imports and findings.</summary>
internal sealed class CollectCampaignPack(OpenEntries open, Organisation organisation, TimeProvider clock)
{
    /// <summary>What is printed; all are in the bundle by their events.</summary>
    private const int MostFindings = 2000;

    private const int MostImports = 500;

    public async Task<CampaignPack> OfAsync(GovernanceDb db, CampaignSubject subject, CancellationToken cancellation)
    {
        var campaign = await db.Campaigns.Include(c => c.Signatures).SingleOrDefaultAsync(c => c.Key == subject.Key, cancellation) ?? throw new NotFoundException("campaign", subject.Key);
        var found = db.ToolFindings.Where(f => f.CampaignId == campaign.Id);
        var findings = await found.OrderByDescending(f => f.Risk).ThenByDescending(f => f.People).ThenBy(f => f.Number).Take(MostFindings).ToListAsync(cancellation);
        var imports = await db.UsageImports.Where(i => i.CampaignId == campaign.Id).OrderBy(i => i.ReceivedAt).Take(MostImports).ToListAsync(cancellation);
        var reveals = await db.PersonReveals.Where(r => r.CampaignId == campaign.Id).OrderBy(r => r.RevealedAt).ToListAsync(cancellation);
        List<(string, string)> subjects =
        [
            ("campaign", campaign.Key), .. (await found.Where(f => f.EventCount > 0).OrderBy(f => f.Number).Select(f => f.Number).ToListAsync(cancellation)).Select(n => ("shadow-finding", FormattableString.Invariant($"{campaign.Key}/F{n}"))),
            .. imports.Where(i => i.EventCount > 0).Select(i => ("usage-import", i.Id.ToString())),
        ];
        var events = await CollectAuditPack.EventsAsync(db, open, subjects, cancellation);
        var log = await ProveEvents.OfAsync(db, open, subject, events, null, cancellation);
        var today = organisation.DayOf(clock.GetUtcNow());
        return new CampaignPack(
            subject, clock.GetUtcNow(), campaign, await CampaignSheets.CoverageAsync(db, campaign, cancellation), await CampaignSheets.DifferenceAsync(db, campaign, today, cancellation), findings,
            await found.CountAsync(cancellation), imports, reveals, today, [.. events.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.EventId).Take(CollectAuditPack.MostTimelineEntries)], events)
        { Log = log };
    }
}
