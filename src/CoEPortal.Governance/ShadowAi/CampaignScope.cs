using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>The campaign that is being looked at or changed.</summary>
internal static class CampaignScope
{
    /// <summary>The campaign, if this person may do that to it; nobody else changes it or its findings until the transaction ends.</summary>
    public static async Task<Campaign> LockedAsync(GovernanceDb db, string key, Actor by, Permission permission, CancellationToken cancellation)
    {
        if (!by.IsRule)
        {
            AccessPolicy.Demand(by, permission);
        }

        await db.Database.ExecuteSqlAsync($"select from campaign where key = {key} for update", cancellation);
        return await db.Campaigns.Include(c => c.Signatures).SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("campaign", key);
    }

    public static async Task<Campaign> ReadAsync(GovernanceDb db, string key, Actor reader, CancellationToken cancellation)
    {
        AccessPolicy.Demand(reader, Permission.ReadCampaigns);
        return await db.Campaigns.AsNoTracking().Include(c => c.Signatures).SingleOrDefaultAsync(c => c.Key == key, cancellation) ?? throw new NotFoundException("campaign", key);
    }

    public static async Task<Actor> OwnerAsync(GovernanceDb db, PersonId id, CancellationToken cancellation)
    {
        var owner = (await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == id.Value && p.IsActive, cancellation))?.Actor
            ?? throw new RuleViolationException("no-such-person", "This person is not here, or no longer. Choose another.");
        Refuse.If(!AccessPolicy.Allows(owner, Permission.ReadCampaigns), "person-cannot", $"{owner.Name} cannot open campaigns. Choose a reviewer or a CoE lead.");
        return owner;
    }
}
