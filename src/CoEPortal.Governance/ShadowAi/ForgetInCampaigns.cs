using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// Destroys the sealed names of somebody who is erased. The portal knows people by their sign-in, logs by a user name: the two meet where the
/// user name is what stands before the @ of the address or of the id. Whoever is called otherwise there stays a pseudonym that only a reveal opens.
/// </summary>
public sealed class ForgetInCampaigns(PersonalDataKey wrapping)
{
    /// <returns>How many sealed names were destroyed.</returns>
    internal async Task<int> RunAsync(GovernanceDb db, string person, CancellationToken cancellation)
    {
        var email = await db.People.Where(p => p.Id == person).Select(p => p.Email).SingleOrDefaultAsync(cancellation);
        var names = new[] { email, person }.OfType<string>().Where(n => n.Length > 0).Distinct().ToList();
        var destroyed = 0;
        foreach (var campaign in await db.Campaigns.Where(c => c.NamesDestroyedAt == null).Select(c => c.Id).ToListAsync(cancellation))
        {
            if (await CampaignKey.OfAsync(db, campaign, wrapping, cancellation) is { } key)
            {
                var pseudonyms = names.Select(n => key.PseudonymOf(n, isAddress: false)).ToArray();
                destroyed += await db.Database.ExecuteSqlAsync(
                    $"update campaign_person set sealed = null where campaign_id = {campaign} and pseudonym = any ({pseudonyms}) and sealed is not null", cancellation);
            }
        }

        return destroyed;
    }
}
