using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// Says whose name stands behind a pseudonym: to one who may, for a reason, once it is recorded. Whoever runs campaigns may not, so
/// that it takes two to act on a name; the name itself is written nowhere.
/// </summary>
public sealed class RevealPerson(IDbContextFactory<GovernanceDb> databases, PersonalDataKey wrapping, TimeProvider clock)
{
    /// <param name="key">The campaign.</param>
    /// <param name="finding">In which the person was seen.</param>
    /// <param name="pseudonym">In hexadecimal digits.</param>
    /// <param name="reason">Stays in the campaign and in the log.</param>
    /// <param name="by">Who wants to know.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>As the log or export had it.</returns>
    public Task<string> RunAsync(string key, int finding, string pseudonym, string reason, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(RevealPerson), key, by, clock, async () =>
        {
            await using var db = await databases.CreateDbContextAsync(cancellation);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var campaign = await CampaignScope.LockedAsync(db, key, by, Permission.RevealPeople, cancellation);
            var who = BytesOf(pseudonym) ?? throw new NotFoundException("pseudonym", "in this campaign");
            var person = await (
                from p in db.CampaignPeople.AsNoTracking()
                join f in db.ToolFindings on p.CampaignId equals f.CampaignId
                where p.CampaignId == campaign.Id && p.Pseudonym == who && f.Number == finding && db.FindingPeople.Any(s => s.FindingId == f.Id && s.Pseudonym == who)
                select p).SingleOrDefaultAsync(cancellation) ?? throw new NotFoundException("pseudonym", "in this finding");
            var now = clock.GetUtcNow();
            campaign.Reveal(Convert.ToHexStringLower(who), finding, reason, by, now);
            Refuse.If(person.Sealed is null, "person-erased", "This person was erased. Nobody can read the name any more.");
            db.PersonReveals.Add(new PersonReveal
            {
                Id = Guid.CreateVersion7(now),
                CampaignId = campaign.Id,
                FindingNumber = finding,
                Pseudonym = who,
                Reason = Redaction.Of(reason.Trim()),
                RevealedBy = by.Id.Value,
                RevealedByName = by.Name,
                RevealedAt = now,
            });
            await db.SaveChangesAsync(cancellation);
            var campaignKey = await CampaignKey.OfAsync(db, campaign.Id, wrapping, cancellation) ?? throw new InvalidOperationException($"The key of {key} is missing.");
            await transaction.CommitAsync(cancellation);
            // Only what is recorded is told.
            return campaignKey.OpenName(who, person.Sealed);
        });

    private static byte[]? BytesOf(string pseudonym) =>
        pseudonym.Length == 2 * CampaignKey.PseudonymLength && pseudonym.All(char.IsAsciiHexDigit) ? Convert.FromHexString(pseudonym) : null;
}
