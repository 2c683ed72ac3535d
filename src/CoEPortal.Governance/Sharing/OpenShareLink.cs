using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Sharing;

/// <summary>What a link shows: one revision as it was frozen, with the names of people and addresses taken out.</summary>
public sealed record SharedRevision(string Key, int Revision, string ContentHash, DateTimeOffset SubmittedAt, DateTimeOffset ExpiresAt, Proposal Proposal, Assessment Assessment);

/// <summary>Opens a link for whoever holds it. Unknown, expired and revoked ones read the same.</summary>
public sealed partial class OpenShareLink(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    private const int MostNames = 5000;

    public async Task<SharedRevision> RunAsync(string token, CancellationToken cancellation = default)
    {
        var hash = ShareLink.HashOf(token.Length > 100 ? "" : token);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // Two readers at once: the second waits, so that each is counted.
        await db.Database.ExecuteSqlAsync($"select 1 from share_link where token_hash = {hash} for update", cancellation);
        var now = clock.GetUtcNow();
        var link = await db.ShareLinks.SingleOrDefaultAsync(l => l.TokenHash == hash, cancellation);
        if (link is null || !link.IsOpen(now))
        {
            throw new NotFoundException("link", "of this address");
        }

        link.Open(now);
        var revision = await db.UseCases.AsNoTracking().Where(u => u.Key == link.UseCaseKey).SelectMany(u => u.Revisions).SingleAsync(r => r.Number == link.Revision, cancellation);
        var names = await db.People.AsNoTracking().Where(p => p.Name.Length > 3).OrderBy(p => p.Id).Take(MostNames).Select(p => p.Name).ToListAsync(cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return new(link.UseCaseKey, revision.Number, revision.ContentHash, revision.SubmittedAt, link.ExpiresAt, Without(revision.Proposal, names), revision.Assessment);
    }

    /// <summary>Owners are left out; names of people who have an account, and addresses, are taken out of what was written.</summary>
    internal static Proposal Without(Proposal proposal, IReadOnlyList<string> names)
    {
        string[] owners = [proposal.BusinessOwner, proposal.OperationalOwner];
        var all = names.Concat(owners).Where(n => n.Trim().Length > 3).Distinct(StringComparer.OrdinalIgnoreCase).OrderByDescending(n => n.Length).ToList();
        return proposal with
        {
            BusinessOwner = "",
            OperationalOwner = "",
            Title = Text(proposal.Title),
            Problem = Text(proposal.Problem),
            Users = Text(proposal.Users),
            Tone = Text(proposal.Tone),
            ExemptionReason = Text(proposal.ExemptionReason),
            DataSources = [.. proposal.DataSources.Select(Text)],
            Kpi = proposal.Kpi with { Metric = Text(proposal.Kpi.Metric), Guard = Text(proposal.Kpi.Guard) },
            KillCriteria = [.. proposal.KillCriteria.Select(k => k with { Description = Text(k.Description) })],
        };

        string Text(string written) => all.Aggregate(Address().Replace(written, "[address]"), (text, name) => text.Replace(name.Trim(), "[name]", StringComparison.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"[^\s@<>]{1,64}@[^\s@<>]{1,255}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Address();
}
