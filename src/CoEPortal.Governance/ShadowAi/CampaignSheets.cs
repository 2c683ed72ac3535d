using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>A campaign in the list.</summary>
public sealed record CampaignRow(string Key, string Title, CampaignState State, DateOnly FromOn, DateOnly DueOn, string OwnerName, DateTimeOffset? ClosedAt, int Findings, int Undecided, int HighRisk);

/// <summary>How far one source of a campaign reaches.</summary>
/// <param name="Covered">Departments with any request in it.</param>
/// <param name="Missing">Departments of the scope without.</param>
/// <param name="Events">Requests, sign-ins, bookings or answers.</param>
/// <param name="Assigned">Those of a department of the scope.</param>
public sealed record SourceCoverage(UsageSource Source, IReadOnlyDictionary<string, long> Covered, IReadOnlyList<string> Missing, long Events, long Assigned)
{
    public decimal Share => Missing.Count + Covered.Count == 0 ? 0 : (decimal)Covered.Count / (Missing.Count + Covered.Count);
}

/// <summary>What is other than in the campaign before, by tools of the departments in scope.</summary>
/// <param name="Grown">Used by more people than before.</param>
public sealed record CampaignDifference(string Previous, string PreviousTitle, IReadOnlyList<string> New, IReadOnlyList<string> Gone, int Still, IReadOnlyList<string> Grown, int BecameUseCases, int ExceptionsEnding);

/// <summary>Tools of one campaign by what becomes of them, for the chart.</summary>
public sealed record CampaignTrend(string Key, string Title, int Governed, int Blocked, int Undecided);

/// <param name="Overdue">Decided, and not carried out in time.</param>
public sealed record CampaignCounts(int All, int Undecided, int New, int HighRisk, int Overdue);

/// <param name="ContentHash">What a signature would sign.</param>
/// <param name="ImportsUnderWay">They keep it from being signed.</param>
public sealed record CampaignSheet(
    Campaign Campaign, IReadOnlyList<SourceCoverage> Coverage, CampaignCounts Counts, CampaignDifference? Difference, IReadOnlyList<CampaignTrend> Trend, IReadOnlyList<PersonReveal> Reveals,
    string ContentHash, int ImportsUnderWay, int HeldAnswers, bool MayRun, bool MaySign, bool MayReveal);

public sealed record ToolFilter(string? Department = null, Disposition? Disposition = null, bool Undecided = false, bool New = false, bool Overdue = false, RiskLevel? Risk = null, UsageSource? Source = null, string? Search = null);

public enum FindingSort { People, Risk, Name, LastSeen, Spend, Due }

/// <param name="Before">People in the campaign before; null when it was not seen there.</param>
/// <param name="LastTime">What was decided then.</param>
public sealed record FindingRow(ToolFinding Finding, int? Before, Disposition? LastTime);

/// <summary>One finding with all that is known of it.</summary>
public sealed record FindingSheet(ToolFinding Finding, AiService? Service, int? Before, Disposition? LastTime, IReadOnlyList<FindingPseudonym> People, int PeopleTotal, IReadOnlyList<TimelineEntry> History);

public sealed record FindingPseudonym(string Pseudonym, bool IsAddress, bool IsReadable)
{
    /// <summary>Short enough to talk about.</summary>
    public string Spoken => $"{(IsAddress ? "A" : "P")}-{Pseudonym[..4]}-{Pseudonym[4..8]}".ToUpperInvariant();
}

/// <summary>Campaigns, what they cover and found, and what is other than before.</summary>
public sealed class CampaignSheets(IDbContextFactory<GovernanceDb> databases, ServiceCatalogue catalogue, OpenEntries open, Organisation organisation, TimeProvider clock)
{
    public const int MostExported = ToolFinding.MostOfACampaign;

    private const int MostNamed = 200;
    private const int MostPeople = 200;
    private const int TrendLength = 4;

    public async Task<Page<CampaignRow>> PageAsync(Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadCampaigns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.Campaigns.AsNoTracking().OrderByDescending(c => c.OpenedAt).Select(c => new CampaignRow(
            c.Key, c.Title, c.State, c.FromOn, c.DueOn, c.OwnerName, c.ClosedAt,
            db.ToolFindings.Count(f => f.CampaignId == c.Id),
            c.State == CampaignState.Closed ? 0 : db.ToolFindings.Count(f => f.CampaignId == c.Id && (f.Disposition == Disposition.Undecided || f.EndedAt != null)),
            db.ToolFindings.Count(f => f.CampaignId == c.Id && f.RiskLevel == RiskLevel.High))).ToPageAsync(page, size, cancellation);
    }

    public async Task<CampaignSheet> OfAsync(string key, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await CampaignScope.ReadAsync(db, key, reader, cancellation);
        var today = organisation.DayOf(clock.GetUtcNow());
        var findings = db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == campaign.Id);
        var counts = new CampaignCounts(
            await findings.CountAsync(cancellation), campaign.State is CampaignState.Closed ? 0 : await Undecided(findings).CountAsync(cancellation), await New(db, findings, campaign).CountAsync(cancellation),
            await findings.CountAsync(f => f.RiskLevel == RiskLevel.High, cancellation), await Overdue(findings, today).CountAsync(cancellation));
        return new CampaignSheet(
            campaign, await CoverageAsync(db, campaign, cancellation), counts, await DifferenceAsync(db, campaign, today, cancellation), await TrendAsync(db, campaign, cancellation),
            await db.PersonReveals.AsNoTracking().Where(r => r.CampaignId == campaign.Id).OrderByDescending(r => r.RevealedAt).Take(MostNamed).ToListAsync(cancellation),
            await SignCampaign.ContentHashAsync(db, campaign, cancellation),
            await db.UsageImports.CountAsync(i => i.CampaignId == campaign.Id && (i.State == ImportState.Receiving || i.State == ImportState.Waiting || i.State == ImportState.Running), cancellation),
            await db.SurveyAnswersHeld.CountAsync(a => a.CampaignId == campaign.Id, cancellation),
            AccessPolicy.Allows(reader, Permission.RunCampaigns), AccessPolicy.Allows(reader, Permission.SignCampaigns), AccessPolicy.Allows(reader, Permission.RevealPeople));
    }

    public async Task<Page<FindingRow>> FindingsAsync(
        string key, ToolFilter filter, Actor reader, FindingSort sort = FindingSort.People, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await CampaignScope.ReadAsync(db, key, reader, cancellation);
        return await Rows(db, campaign, Sorted(Filtered(db, campaign, filter), sort)).ToPageAsync(page, size, cancellation);
    }

    /// <summary>All that a filter leaves, for a file.</summary>
    public async Task<IReadOnlyList<FindingRow>> ExportAsync(string key, ToolFilter filter, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await CampaignScope.ReadAsync(db, key, reader, cancellation);
        return await Rows(db, campaign, Sorted(Filtered(db, campaign, filter), FindingSort.People)).Take(MostExported).ToListAsync(cancellation);
    }

    public async Task<FindingSheet> FindingAsync(string key, int number, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await CampaignScope.ReadAsync(db, key, reader, cancellation);
        var row = await Rows(db, campaign, db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == campaign.Id && f.Number == number)).SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("finding", FormattableString.Invariant($"{key}/F{number}"));
        var seen = db.FindingPeople.AsNoTracking().Where(p => p.FindingId == row.Finding.Id);
        var people = await (
            from p in seen
            join c in db.CampaignPeople.AsNoTracking().Where(c => c.CampaignId == campaign.Id) on p.Pseudonym equals c.Pseudonym
            orderby c.IsAddress, c.Pseudonym
            select new { c.Pseudonym, c.IsAddress, IsReadable = c.Sealed != null }).Take(MostPeople).ToListAsync(cancellation);
        var (type, subject) = row.Finding.AuditSubject;
        var history = await db.AuditEvents.AsNoTracking().Where(e => e.SubjectType == type && e.SubjectKey == subject).OrderByDescending(e => e.SubjectVersion).Select(TimelineEntry.AsStored).Take(MostNamed).ToListAsync(cancellation);
        return new FindingSheet(
            row.Finding, catalogue.Services.Find(s => s.Id == row.Finding.ToolId), row.Before, row.LastTime,
            [.. people.Select(p => new FindingPseudonym(Convert.ToHexStringLower(p.Pseudonym), p.IsAddress, p.IsReadable))], await seen.CountAsync(cancellation), await open.RunAsync(db, history, cancellation));
    }

    public async Task<Page<UsageImport>> ImportsAsync(string key, Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await CampaignScope.ReadAsync(db, key, reader, cancellation);
        return await db.UsageImports.AsNoTracking().Where(i => i.CampaignId == campaign.Id).OrderByDescending(i => i.ReceivedAt).ThenByDescending(i => i.Id).ToPageAsync(page, size, cancellation);
    }

    public async Task<UsageImport> ImportAsync(string key, Guid id, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var campaign = await CampaignScope.ReadAsync(db, key, reader, cancellation);
        return await db.UsageImports.AsNoTracking().SingleOrDefaultAsync(i => i.Id == id && i.CampaignId == campaign.Id, cancellation) ?? throw new NotFoundException("import", id.ToString());
    }

    /// <summary>Where a use case was found before somebody proposed it.</summary>
    public async Task<IReadOnlyList<ToolFinding>> OfUseCaseAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.ToolFindings.AsNoTracking().Where(f => f.UseCaseKey == useCaseKey).OrderBy(f => f.CampaignKey).Take(MostNamed).ToListAsync(cancellation);
    }

    /// <summary>Exceptions that ended in the newest closed campaign, while none is open to take them over.</summary>
    public async Task<IReadOnlyList<ToolFinding>> EndedAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadCampaigns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var newest = await db.Campaigns.AsNoTracking().OrderByDescending(c => c.OpenedAt).FirstOrDefaultAsync(cancellation);
        return newest is null or { State: CampaignState.Open } ? []
            : await db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == newest.Id && f.EndedAt != null).OrderBy(f => f.Until).Take(MostNamed).ToListAsync(cancellation);
    }

    /// <summary>Who can own a campaign or a finding.</summary>
    public async Task<IReadOnlyList<Actor>> OwnersAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.RunCampaigns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return [.. (await db.People.AsNoTracking().Where(p => p.IsActive).OrderBy(p => p.Name).Take(MostNamed * 5).ToListAsync(cancellation)).Select(p => p.Actor).Where(a => AccessPolicy.Allows(a, Permission.ReadCampaigns))];
    }

    internal static async Task<IReadOnlyList<SourceCoverage>> CoverageAsync(GovernanceDb db, Campaign campaign, CancellationToken cancellation)
    {
        var rows = await db.CampaignCoverages.AsNoTracking().Where(c => c.CampaignId == campaign.Id && c.Events > 0).ToListAsync(cancellation);
        return
        [
            .. from source in campaign.Sources
               let own = rows.Where(r => r.Source == source).ToList()
               let covered = own.Where(r => r.Department != Departments.Unknown && campaign.Departments.Contains(r.Department)).ToDictionary(r => r.Department, r => r.Events)
               select new SourceCoverage(source, covered, [.. campaign.Departments.Where(d => !covered.ContainsKey(d))], own.Sum(r => r.Events), covered.Values.Sum()),
        ];
    }

    internal static async Task<CampaignDifference?> DifferenceAsync(GovernanceDb db, Campaign campaign, DateOnly today, CancellationToken cancellation)
    {
        if (campaign.PreviousId is not { } previous)
        {
            return null;
        }

        var before = await db.Campaigns.AsNoTracking().SingleAsync(c => c.Id == previous, cancellation);
        var then = (await ToolsAsync(db, previous, campaign, cancellation)).ToDictionary(t => t.ToolId);
        var now = await ToolsAsync(db, campaign.Id, campaign, cancellation);
        var known = now.Select(t => t.ToolId).ToHashSet();
        var soon = today.AddDays(45);
        return new CampaignDifference(
            before.Key, before.Title,
            [.. now.Where(t => !then.ContainsKey(t.ToolId)).Select(t => t.Name).Take(MostNamed)], [.. then.Values.Where(t => !known.Contains(t.ToolId)).Select(t => t.Name).Take(MostNamed)],
            now.Count(t => then.ContainsKey(t.ToolId)), [.. now.Where(t => then.GetValueOrDefault(t.ToolId) is { } earlier && t.Heads > earlier.Heads).Select(t => t.Name).Take(MostNamed)],
            await db.ToolFindings.CountAsync(f => f.CampaignId == campaign.Id && f.UseCaseKey != null, cancellation),
            await db.ToolFindings.CountAsync(f => (f.CampaignId == campaign.Id || f.CampaignId == previous) && f.Disposition == Disposition.Exception && f.EndedAt == null && f.Until <= soon, cancellation));
    }

    internal static IQueryable<FindingRow> Rows(GovernanceDb db, Campaign campaign, IQueryable<ToolFinding> findings)
    {
        var previous = campaign.PreviousId;
        return findings.Select(f => new FindingRow(
            f,
            db.ToolFindings.Where(p => p.CampaignId == previous && p.ToolId == f.ToolId && p.Department == f.Department).Select(p => (int?)(p.People + p.Addresses)).FirstOrDefault(),
            db.ToolFindings.Where(p => p.CampaignId == previous && p.ToolId == f.ToolId && p.Department == f.Department).Select(p => (Disposition?)p.Disposition).FirstOrDefault()));
    }

    private IQueryable<ToolFinding> Filtered(GovernanceDb db, Campaign campaign, ToolFilter filter)
    {
        var found = db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == campaign.Id);
        found = filter.Department is { Length: > 0 } department ? found.Where(f => f.Department == department) : found;
        found = filter.Disposition is { } disposition ? found.Where(f => f.Disposition == disposition) : found;
        found = filter.Risk is { } risk ? found.Where(f => f.RiskLevel == risk) : found;
        found = filter.Source is { } source ? found.Where(f => f.Sources.Contains(source)) : found;
        found = filter.Undecided ? Undecided(found) : found;
        found = filter.New ? New(db, found, campaign) : found;
        found = filter.Overdue ? Overdue(found, organisation.DayOf(clock.GetUtcNow())) : found;
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = Search.Pattern(search);
            found = found.Where(f => EF.Functions.ILike(f.Name, pattern, Search.Escape) || EF.Functions.ILike(f.Vendor, pattern, Search.Escape));
        }

        return found;
    }

    private static IQueryable<ToolFinding> Undecided(IQueryable<ToolFinding> findings) => findings.Where(f => f.Disposition == Disposition.Undecided || f.EndedAt != null);

    private static IQueryable<ToolFinding> Overdue(IQueryable<ToolFinding> findings, DateOnly today) => findings.Where(
        f => f.DoneAt == null && f.EndedAt == null && f.DueOn < today && f.Disposition != Disposition.Undecided && f.Disposition != Disposition.Exception && f.Disposition != Disposition.Approved);

    private static IQueryable<ToolFinding> New(GovernanceDb db, IQueryable<ToolFinding> findings, Campaign campaign)
    {
        var previous = campaign.PreviousId;
        return findings.Where(f => !db.ToolFindings.Any(p => p.CampaignId == previous && p.ToolId == f.ToolId));
    }

    private static IQueryable<ToolFinding> Sorted(IQueryable<ToolFinding> findings, FindingSort sort) => (sort switch
    {
        FindingSort.Risk => findings.OrderByDescending(f => f.Risk).ThenByDescending(f => f.People),
        FindingSort.Name => findings.OrderBy(f => f.Name).ThenBy(f => f.Department),
        FindingSort.LastSeen => findings.OrderByDescending(f => f.LastSeen ?? DateTimeOffset.MinValue),
        FindingSort.Spend => findings.OrderByDescending(f => f.Spend ?? 0),
        FindingSort.Due => findings.OrderBy(f => f.DueOn ?? DateOnly.MaxValue),
        _ => findings.OrderByDescending(f => f.People).ThenByDescending(f => f.Addresses),
    }).ThenBy(f => f.Number);

    private static Task<List<Tool>> ToolsAsync(GovernanceDb db, Guid campaign, Campaign scope, CancellationToken cancellation)
    {
        var departments = scope.Departments.Append(Departments.Unknown).ToArray();
        return db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == campaign && departments.Contains(f.Department) && !f.IsCarriedOver).GroupBy(f => f.ToolId)
            .OrderBy(g => g.Min(f => f.Name)).Select(g => new Tool(g.Key, g.Min(f => f.Name)!, g.Sum(f => f.People + f.Addresses))).Take(MostExported).ToListAsync(cancellation);
    }

    internal static async Task<IReadOnlyList<CampaignTrend>> TrendAsync(GovernanceDb db, Campaign campaign, CancellationToken cancellation)
    {
        var campaigns = await db.Campaigns.AsNoTracking().Where(c => c.OpenedAt <= campaign.OpenedAt && (c.IsQuarterly || c.Id == campaign.Id)).OrderByDescending(c => c.OpenedAt).Take(TrendLength).Select(c => new { c.Id, c.Key, c.Title, c.State }).ToListAsync(cancellation);
        var ids = campaigns.ConvertAll(c => c.Id);
        var counts = await db.ToolFindings.AsNoTracking().Where(f => ids.Contains(f.CampaignId)).GroupBy(f => new { f.CampaignId, f.Disposition, IsEnded = f.EndedAt != null })
            .Select(g => new { g.Key.CampaignId, g.Key.Disposition, g.Key.IsEnded, Count = g.Count() }).ToListAsync(cancellation);
        return
        [
            .. campaigns.AsEnumerable().Reverse().Select(c => new CampaignTrend(
                c.Key, c.Title,
                counts.Where(n => n.CampaignId == c.Id && !(n.IsEnded && c.State is CampaignState.Open) && n.Disposition is not (Disposition.Undecided or Disposition.Blocked)).Sum(n => n.Count),
                counts.Where(n => n.CampaignId == c.Id && n.Disposition is Disposition.Blocked).Sum(n => n.Count),
                counts.Where(n => n.CampaignId == c.Id && (n.IsEnded && c.State is CampaignState.Open || n.Disposition is Disposition.Undecided)).Sum(n => n.Count))),
        ];
    }

    private sealed record Tool(string ToolId, string Name, int Heads);
}
