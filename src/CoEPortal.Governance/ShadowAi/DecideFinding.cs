using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What becomes of a tool: a disposition with owner, deadline and reason; later that it was carried out; or a use case.</summary>
public sealed class DecideFinding(IDbContextFactory<GovernanceDb> databases, StartUseCase start, Notices notices, Organisation organisation, TimeProvider clock)
{
    /// <param name="campaignKey">An open one.</param>
    /// <param name="number">Of the finding.</param>
    /// <param name="draft">What becomes of it.</param>
    /// <param name="version">As it was seen: a change in between is refused.</param>
    /// <param name="by">Who decides.</param>
    /// <param name="everywhere">Also of the same tool in other departments, where nothing was decided yet.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many findings were decided.</returns>
    public async Task<int> RunAsync(
        string campaignKey, int number, DispositionDraft draft, int version, Actor by, bool everywhere = false, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (campaign, finding) = await FindingAsync(db, campaignKey, number, by, Permission.RunCampaigns, cancellation);
        campaign.DemandOpen();
        Refuse.If(finding.Version != version, "changed-meanwhile", "Somebody else decided this while you were writing. Look at what they decided, then decide again.");
        var owner = await CampaignScope.OwnerAsync(db, draft.Owner, cancellation);
        var now = clock.GetUtcNow();
        var others = everywhere
            ? await db.ToolFindings.Where(f => f.CampaignId == campaign.Id && f.ToolId == finding.ToolId && f.Id != finding.Id && (f.Disposition == Disposition.Undecided || f.EndedAt != null)).ToListAsync(cancellation)
            : [];
        foreach (var one in others.Prepend(finding))
        {
            one.Decide(draft, owner, organisation.DayOf(now), by, now);
        }

        await db.SaveChangesAsync(cancellation);
        if (owner.Id != by.Id)
        {
            await notices.SendAsync(
                db, [new Notice(owner.Id, "finding-yours", $"{finding.Name} in {campaignKey} is yours", $"Due {draft.DueOn:yyyy-MM-dd}.", LinkOf(finding), null, $"{finding.Key}/owner/{finding.Version}")], now, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return others.Count + 1;
    }

    /// <summary>Said by its owner or whoever runs campaigns, also after the campaign was closed.</summary>
    public async Task CarryOutAsync(string campaignKey, int number, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (_, finding) = await FindingAsync(db, campaignKey, number, by, Permission.ReadCampaigns, cancellation);
        if (finding.OwnerId != by.Id.Value)
        {
            AccessPolicy.Demand(by, Permission.RunCampaigns);
        }

        finding.CarryOut(by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A draft of a use case with the fields that are known, in the same transaction as the link to it.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> PromoteAsync(string campaignKey, int number, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var (_, finding) = await FindingAsync(db, campaignKey, number, by, Permission.RunCampaigns, cancellation);
        finding.DemandNoUseCase();
        var useCase = await start.AddAsync(db, by, DraftOf(finding), cancellation);
        await db.SaveChangesAsync(cancellation);
        finding.Promote(useCase.Key, by, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return useCase.Key;
    }

    internal static string LinkOf(ToolFinding finding) => $"/shadow-ai/{finding.CampaignKey}?finding={finding.Number}";

    private static Proposal DraftOf(ToolFinding finding) => new()
    {
        Title = $"{finding.Name} in {(finding.Department == Departments.Unknown ? "the organisation" : finding.Department)}",
        BusinessUnit = finding.Department == Departments.Unknown ? "" : finding.Department,
        Problem = $"{finding.Name}{(finding.Vendor.Length > 0 ? $" ({finding.Vendor})" : "")} is used without having been approved, as campaign {finding.CampaignKey} found. What people do with it, and what it is worth to them, is to be said here.",
        Users = finding.People > 0 ? $"{finding.People:N0} people of {finding.Department}, as counted in the campaign" : "",
        DataClass = finding.MostSensitive,
        Audience = Audience.Team,
        Autonomy = Autonomy.Assists,
    };

    private static async Task<(Campaign Campaign, ToolFinding Finding)> FindingAsync(
        GovernanceDb db, string campaignKey, int number, Actor by, Permission permission, CancellationToken cancellation)
    {
        var campaign = await CampaignScope.LockedAsync(db, campaignKey, by, permission, cancellation);
        return (campaign, await db.ToolFindings.SingleOrDefaultAsync(f => f.CampaignId == campaign.Id && f.Number == number, cancellation)
            ?? throw new NotFoundException("finding", FormattableString.Invariant($"{campaignKey}/F{number}")));
    }
}
