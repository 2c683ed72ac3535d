using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Writes what one file said into its campaign, with the end of the import, in one transaction.</summary>
internal sealed class MergeUsage(IDbContextFactory<GovernanceDb> databases, ServiceCatalogue catalogue, VersionedFiles<ToolRisk> risks, Notices notices, TimeProvider clock)
{
    private const int MostLookAlikes = 500;
    private const int RowsAtOnce = 20_000;

    public async Task RunAsync(Guid id, int attempt, string campaignKey, UsageFormat format, ScannedLog scanned, CampaignKey key, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var campaign = await CampaignScope.LockedAsync(db, campaignKey, by, Permission.RunCampaigns, cancellation);
        await db.Database.ExecuteSqlAsync($"select from usage_import where id = {id} for update", cancellation);
        var import = await db.UsageImports.SingleAsync(i => i.Id == id, cancellation);
        if (import.State is not ImportState.Running || import.Attempts != attempt)
        {
            throw new OperationCanceledException("The import is no longer this worker's.");
        }

        campaign.DemandOpen();
        Refuse.If(scanned.Currency is { } currency && campaign.Currency is { } before && currency != before, "other-currency", $"Its amounts are in {scanned.Currency}, those of the campaign in {campaign.Currency}. There is no table of rates: convert them first.");
        var (now, rules) = (clock.GetUtcNow(), risks.InForce(clock.GetUtcNow()));
        campaign.CountBy(rules.Version, scanned.Currency);
        var book = await FindingBook.OfAsync(db, campaign, cancellation);
        var (seen, outOfScope) = Count(book, import.Source, scanned, now);
        await db.SaveChangesAsync(cancellation);
        await KeepPeopleAsync(db, campaign, seen, scanned.Tally!, key, cancellation);
        await CountPeopleAsync(db, book, cancellation);
        book.Judge(rules, catalogue);
        await CoverAsync(db, campaign, import.Source, book, scanned, cancellation);
        var matched = scanned.Services.Values.Concat(scanned.LookAlikes.Values).Sum(u => u.Requests);
        var assigned = scanned.Events.Where(e => e.Key != Departments.Unknown).Sum(e => e.Value);
        import.Finish(
            campaignKey, new ImportCounts(scanned.Lines, matched, assigned, outOfScope, scanned.Faults, scanned.People, book.Added, scanned.IsCut || book.IsCut), catalogue.Version, rules.Version, by, now);
        await ReceiveUsage.DropAsync(db, id, cancellation);
        await db.SaveChangesAsync(cancellation);
        await notices.SendAsync(
            db, [new Notice(new PersonId(import.ImportedBy), "usage-imported", $"{campaignKey}: {format.Title} was read", $"{import.Lines:N0} lines, {book.Added:N0} new findings.", $"/shadow-ai/{campaignKey}/import", null, $"usage-import/{id:N}")], now, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static (List<(ToolFinding Finding, ServiceUsage Usage)> Seen, long OutOfScope) Count(FindingBook book, UsageSource source, ScannedLog scanned, DateTimeOffset now)
    {
        var (seen, outOfScope) = (new List<(ToolFinding, ServiceUsage)>(), 0L);
        var tools = scanned.Services.OrderBy(s => s.Key.Service.Id, StringComparer.Ordinal).ThenBy(s => s.Key.Department, StringComparer.Ordinal).Select(s => (Tool: FoundTool.Of(s.Key.Service), s.Key.Department, s.Value))
            .Concat(scanned.LookAlikes.OrderByDescending(l => l.Value.Requests).ThenBy(l => l.Key.Host, StringComparer.Ordinal).Take(MostLookAlikes).Select(l => (Tool: FoundTool.LookAlike(Printable(l.Key.Host), l.Key.Imitates), l.Key.Department, l.Value)));
        foreach (var (tool, named, usage) in tools)
        {
            if (book.InScope(named) is not { } department)
            {
                outOfScope += usage.Requests;
            }
            else if (book.For(tool, department, now) is { } finding)
            {
                finding.Seen(source, usage);
                seen.Add((finding, usage));
            }
        }

        return (seen, outOfScope);
    }

    private static async Task KeepPeopleAsync(
        GovernanceDb db, Campaign campaign, List<(ToolFinding Finding, ServiceUsage Usage)> seen, UsageTally tally, CampaignKey key, CancellationToken cancellation)
    {
        var people = seen.SelectMany(s => s.Usage.Numbers).Distinct().ToDictionary(number => number, number =>
        {
            var (name, isAddress) = tally.NameOf(number);
            return (Pseudonym: key.PseudonymOf(name, isAddress), Name: name, IsAddress: isAddress);
        });
        // In one order, or two imports would wait for each other.
        foreach (var some in people.Values.DistinctBy(p => Convert.ToHexString(p.Pseudonym)).OrderBy(p => Convert.ToHexString(p.Pseudonym), StringComparer.Ordinal).Chunk(RowsAtOnce))
        {
            var (pseudonyms, addresses, names) = (some.Select(p => p.Pseudonym).ToArray(), some.Select(p => p.IsAddress).ToArray(), some.Select(p => key.SealName(p.Pseudonym, p.Name)).ToArray());
            await db.Database.ExecuteSqlAsync(
                $"insert into campaign_person (campaign_id, pseudonym, is_address, sealed) select {campaign.Id}, * from unnest({pseudonyms}, {addresses}, {names}) on conflict do nothing", cancellation);
        }

        foreach (var some in seen.SelectMany(s => s.Usage.Numbers.Select(n => (s.Finding.Id, people[n].Pseudonym))).Chunk(RowsAtOnce))
        {
            var (findings, pseudonyms) = (some.Select(p => p.Id).ToArray(), some.Select(p => p.Pseudonym).ToArray());
            await db.Database.ExecuteSqlAsync($"insert into finding_person (finding_id, pseudonym) select * from unnest({findings}, {pseudonyms}) on conflict do nothing", cancellation);
        }
    }

    private static async Task CountPeopleAsync(GovernanceDb db, FindingBook book, CancellationToken cancellation)
    {
        var ids = book.Touched.Select(f => f.Id).ToArray();
        var counts = await db.Database.SqlQuery<Counted>(
            $"""
            select p.finding_id "Id", (count(*) filter (where not c.is_address))::int "People", (count(*) filter (where c.is_address))::int "Addresses"
            from finding_person p join tool_finding f on f.id = p.finding_id join campaign_person c on c.campaign_id = f.campaign_id and c.pseudonym = p.pseudonym
            where p.finding_id = any ({ids}) group by 1
            """).ToDictionaryAsync(c => c.Id, cancellation);
        foreach (var finding in book.Touched)
        {
            finding.Count(counts.GetValueOrDefault(finding.Id)?.People ?? 0, counts.GetValueOrDefault(finding.Id)?.Addresses ?? 0);
        }
    }

    private static async Task CoverAsync(GovernanceDb db, Campaign campaign, UsageSource source, FindingBook book, ScannedLog scanned, CancellationToken cancellation)
    {
        var events = scanned.Events.Select(e => (Department: book.InScope(e.Key), e.Value)).Where(e => e.Department is not null).GroupBy(e => e.Department!).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        var (names, counts, word) = (events.Select(e => e.Key).ToArray(), events.Select(e => e.Sum(d => d.Value)).ToArray(), source.ToString());
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into campaign_coverage as c (campaign_id, source, department, events) select {campaign.Id}, {word}, * from unnest({names}, {counts})
            on conflict (campaign_id, source, department) do update set events = c.events + excluded.events
            """, cancellation);
    }

    /// <summary>A log is written by strangers.</summary>
    private static string Printable(string host) => new([.. host.Take(250).Select(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format ? '?' : c)]);

    private sealed record Counted(Guid Id, int People, int Addresses);
}
