using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Opens campaigns: one each quarter by itself, others by hand; changes what an open one looks at.</summary>
public sealed class OpenCampaign(
    IDbContextFactory<GovernanceDb> databases, VersionedFiles<ToolRisk> risks, ServiceCatalogue catalogue, PersonalDataKey wrapping, Notices notices, Organisation organisation, TimeProvider clock)
{
    private const int UsualDays = 64;
    private const int LeastDays = 14;

    private static readonly Actor Rule = Actor.Rule("campaign-each-quarter");

    /// <summary>By hand; it is the one of the quarter, if there is none yet.</summary>
    public async Task<Campaign> RunAsync(CampaignPlan plan, PersonId owner, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.RunCampaigns);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await LockedAsync(db, cancellation);
        var person = await CampaignScope.OwnerAsync(db, owner, cancellation);
        var isQuarterly = plan.Title.Trim().Length == 0;
        var quarter = Campaign.QuarterOf(organisation.DayOf(clock.GetUtcNow()));
        Refuse.If(isQuarterly && await db.Campaigns.AnyAsync(c => c.Quarter == quarter && c.IsQuarterly, cancellation), "quarter-opened", $"The campaign of {quarter} was opened already. Give this one a title of its own.");
        var campaign = await AddAsync(db, plan, isQuarterly, person, by, cancellation);
        await transaction.CommitAsync(cancellation);
        return campaign;
    }

    /// <summary>The one of this quarter, with the scope of the last; by whichever worker comes first.</summary>
    /// <returns>Null when it is there already, or nobody could own it yet.</returns>
    public async Task<Campaign?> RunDueAsync(CancellationToken cancellation = default)
    {
        var today = organisation.DayOf(clock.GetUtcNow());
        var quarter = Campaign.QuarterOf(today);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        if (await db.Campaigns.AnyAsync(c => c.Quarter == quarter && c.IsQuarterly, cancellation))
        {
            return null;
        }

        await using var transaction = await LockedAsync(db, cancellation);
        var last = await db.Campaigns.AsNoTracking().Where(c => c.IsQuarterly).OrderByDescending(c => c.OpenedAt).FirstOrDefaultAsync(cancellation);
        if (last?.Quarter == quarter || await OwnerAsync(db, last, cancellation) is not { } owner)
        {
            return null;
        }

        var first = Campaign.FirstDayOf(today);
        var due = first.AddDays(UsualDays) >= today.AddDays(LeastDays) ? first.AddDays(UsualDays) : first.AddMonths(3).AddDays(-1) >= today.AddDays(LeastDays) ? first.AddMonths(3).AddDays(-1) : today.AddDays(LeastDays);
        var departments = last?.Departments ?? await db.People.AsNoTracking().Where(p => p.IsActive && p.BusinessUnit != "").Select(p => p.BusinessUnit).Distinct().OrderBy(u => u).Take(Campaign.MostDepartments).ToListAsync(cancellation);
        if (departments.Count == 0)
        {
            return null;
        }

        var campaign = await AddAsync(db, new CampaignPlan("", departments, last?.Sources ?? [.. Enum.GetValues<UsageSource>()], first, due, last?.Unseen ?? ""), true, owner, Rule, cancellation);
        await transaction.CommitAsync(cancellation);
        return campaign;
    }

    public async Task<Campaign> ChangeAsync(string key, CampaignPlan plan, PersonId owner, int version, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var campaign = await CampaignScope.LockedAsync(db, key, by, Permission.RunCampaigns, cancellation);
        Refuse.If(campaign.Version != version, "changed-meanwhile", "Somebody else changed this campaign while you were writing. Look again, then save.");
        var now = clock.GetUtcNow();
        campaign.Change(plan, await CampaignScope.OwnerAsync(db, owner, cancellation), organisation.DayOf(now), by, now);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return campaign;
    }

    private async Task<Campaign> AddAsync(GovernanceDb db, CampaignPlan plan, bool isQuarterly, Actor owner, Actor by, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var rules = risks.InForce(now);
        var previous = await db.Campaigns.OrderByDescending(c => c.OpenedAt).Select(c => (Guid?)c.Id).FirstOrDefaultAsync(cancellation);
        var number = await db.Database.SqlQuery<long>($"select nextval('shadow_campaign_number') as \"Value\"").SingleAsync(cancellation);
        var campaign = Campaign.Open(FormattableString.Invariant($"SC-{number:0000}"), plan, isQuarterly, previous, rules.Version, owner, organisation.DayOf(now), by, now);
        db.Campaigns.Add(campaign);
        await db.SaveChangesAsync(cancellation);
        await CampaignKey.CreateAsync(db, campaign.Id, wrapping, cancellation);
        await CarryOverAsync(db, campaign, rules, now, cancellation);
        if (owner.Id != by.Id)
        {
            await notices.SendAsync(
                db, [new Notice(owner.Id, "campaign-opened", $"{campaign.Key} {campaign.Title} is yours", $"Due {campaign.DueOn:yyyy-MM-dd}.", $"/shadow-ai/{campaign.Key}", null, $"{campaign.Key}/opened")], now, cancellation);
        }

        return campaign;
    }

    /// <summary>Exceptions that ended while no campaign was open.</summary>
    private async Task CarryOverAsync(GovernanceDb db, Campaign campaign, ToolRisk rules, DateTimeOffset now, CancellationToken cancellation)
    {
        if (campaign.PreviousId is not { } previous)
        {
            return;
        }

        var ended = await db.ToolFindings.AsNoTracking().Where(f => f.CampaignId == previous && f.EndedAt != null).Take(ToolFinding.MostOfACampaign).ToListAsync(cancellation);
        await CarryAsync(db, campaign, ended, rules, catalogue, now, cancellation);
    }

    internal static async Task CarryAsync(
        GovernanceDb db, Campaign campaign, IReadOnlyList<ToolFinding> ended, ToolRisk rules, ServiceCatalogue catalogue, DateTimeOffset now, CancellationToken cancellation)
    {
        var book = await FindingBook.OfAsync(db, campaign, cancellation);
        foreach (var before in ended)
        {
            if (book.InScope(before.Department) is { } department)
            {
                book.For(new FoundTool(before.ToolId, before.Name, before.Vendor, before.IsLookAlike, null), department, now, isCarriedOver: true);
            }
        }

        book.Judge(rules, catalogue);
        await db.SaveChangesAsync(cancellation);
    }

    // Whoever led the last one and still may, else the first CoE lead.
    private static async Task<Actor?> OwnerAsync(GovernanceDb db, Campaign? last, CancellationToken cancellation)
    {
        var before = last is null ? null : await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == last.OwnerId && p.IsActive, cancellation);
        return before is { Actor: var owner } && AccessPolicy.Allows(owner, Permission.RunCampaigns) ? owner
            : (await db.People.AsNoTracking().Where(p => p.IsActive && p.Roles.Contains(Role.CoeLead)).OrderBy(p => p.Id).FirstOrDefaultAsync(cancellation))?.Actor;
    }

    private static async Task<Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction> LockedAsync(GovernanceDb db, CancellationToken cancellation)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('open campaign', 0))", cancellation);
        return transaction;
    }
}
