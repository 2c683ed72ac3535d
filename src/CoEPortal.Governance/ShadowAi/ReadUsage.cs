using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// Reads what waits, one file at a time. What a file says is counted in memory and written in one transaction with its end: a worker
/// that dies in the middle leaves nothing behind, and another begins again.
/// </summary>
public sealed partial class ReadUsage(
    IDbContextFactory<GovernanceDb> databases, UsageFormats formats, ServiceCatalogue catalogue, HostMatcher matcher, VersionedFiles<ToolRisk> risks, PersonalDataKey wrapping, Notices notices,
    TimeProvider clock, ILogger<ReadUsage> log)
{
    /// <summary>After this long without a word, whoever received or read a file is taken for dead.</summary>
    public static readonly TimeSpan DeadAfter = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);

    private static readonly Actor Rule = Actor.Rule("usage-import");

    /// <returns>Whether there was one.</returns>
    public async Task<bool> RunNextAsync(CancellationToken cancellation = default)
    {
        var (import, campaign) = await ClaimAsync(cancellation);
        if (import is null)
        {
            return false;
        }

        if (import.State is ImportState.Running)
        {
            await ReadAsync(import, campaign, cancellation);
        }

        return true;
    }

    private async Task<(UsageImport? Import, string Campaign)> ClaimAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var now = clock.GetUtcNow();
        var dead = now - DeadAfter;
        var import = await db.UsageImports.FromSql(
            $"""
            select * from usage_import where state = 'Waiting' or (state in ('Receiving', 'Running') and touched_at < {dead})
            order by received_at limit 1 for update skip locked
            """).SingleOrDefaultAsync(cancellation);
        if (import is null)
        {
            return (null, "");
        }

        var campaign = await db.Campaigns.Where(c => c.Id == import.CampaignId).Select(c => c.Key).SingleAsync(cancellation);
        if (import.State is ImportState.Receiving || import.Attempts >= UsageImport.MostAttempts)
        {
            import.Fail(campaign, import.State is ImportState.Receiving ? "The file did not come to its end." : $"The portal stopped {UsageImport.MostAttempts} times while it read this, so it does not try again.", Rule, now);
            await ReceiveUsage.DropAsync(db, import.Id, cancellation);
        }
        else
        {
            import.Start(now);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return (import, campaign);
    }

    private async Task ReadAsync(UsageImport import, string campaign, CancellationToken cancellation)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var progress = new ReadSoFar();
        var telling = TellAsync(import.Id, import.Attempts, progress, lost);
        try
        {
            await CountAsync(import, campaign, progress, lost.Token);
        }
        catch (RuleViolationException refusal)
        {
            await FailAsync(import.Id, import.Attempts, campaign, refusal.Message, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Somebody cancelled it, or another worker took it over: it is theirs.
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(log, fault, import.Id);
            await FailAsync(import.Id, import.Attempts, campaign, $"Reading it failed. The reference is {import.Id}.", cancellation);
        }
        finally
        {
            await lost.CancelAsync();
            await telling;
        }
    }

    private async Task CountAsync(UsageImport import, string campaignKey, ReadSoFar progress, CancellationToken cancellation)
    {
        var (key, departments, since) = await PrepareAsync(import, cancellation);
        var format = formats.Find(import.Format);
        Refuse.If(format is null, "no-such-format", $"The format {import.Format} was taken away.");
        await using var file = new UsageChunks(databases, key, import.Id);
        var now = clock.GetUtcNow();
        var scanned = format.Mapping is { } mapping
            ? await new UsageTable(matcher, departments).RunAsync(file, mapping, now, progress, since, cancellation)
            : await new LogScan(matcher, departments).RunAsync(file, format.Log!.Value, now, progress, since, cancellation);
        Refuse.If(
            scanned.Lines > 0 && scanned.Events.Count == 0 && scanned.Faults.All(f => f.Fault is not LineFault.Window), "wrong-format",
            $"None of the {scanned.Lines:N0} lines could be read as {format.Title}. Choose the format it is written in.");
        await new MergeUsage(databases, catalogue, risks, notices, clock).RunAsync(import.Id, import.Attempts, campaignKey, format, scanned, key, Rule, cancellation);
    }

    private async Task<(CampaignKey Key, Departments Departments, DateTimeOffset Since)> PrepareAsync(UsageImport import, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var key = await CampaignKey.OfAsync(db, import.CampaignId, wrapping, cancellation);
        Refuse.If(key is null, "names-destroyed", "The names of this campaign were destroyed. Nothing is counted in it any more.");
        var list = await db.Database.SqlQuery<byte[]>($"select sealed_list as \"Value\" from campaign_department_list where campaign_id = {import.CampaignId}").SingleOrDefaultAsync(cancellation);
        var departments = list is null ? Departments.None : Departments.Parse(ReceiveUsage.Lines(key.Open(ReceiveUsage.ListName, list)), "The list");
        var from = await db.Campaigns.Where(c => c.Id == import.CampaignId).Select(c => c.FromOn).SingleAsync(cancellation);
        return (key, departments, new DateTimeOffset(from.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
    }

    private async Task FailAsync(Guid id, int attempt, string campaign, string why, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select from usage_import where id = {id} for update", cancellation);
        var import = await db.UsageImports.SingleAsync(i => i.Id == id, cancellation);
        if (import.State is ImportState.Running && import.Attempts == attempt)
        {
            import.Fail(campaign, why, Rule, clock.GetUtcNow());
            await ReceiveUsage.DropAsync(db, id, cancellation);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
    }

    /// <summary>How far it is, for whoever looks; ends the reading when it is no longer ours.</summary>
    private async Task TellAsync(Guid id, int attempt, ReadSoFar progress, CancellationTokenSource lost)
    {
        using var timer = new PeriodicTimer(TellEvery);
        try
        {
            while (await timer.WaitForNextTickAsync(lost.Token))
            {
                await using var db = await databases.CreateDbContextAsync(lost.Token);
                var (at, now) = (progress.Bytes, clock.GetUtcNow());
                if (await db.Database.ExecuteSqlAsync(
                    $"update usage_import set read_bytes = {at}, touched_at = {now} where id = {id} and state = 'Running' and attempts = {attempt}", lost.Token) == 0)
                {
                    await lost.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The reading has ended.
        }
    }

    [LoggerMessage(LogLevel.Error, "The import {Import} could not be read")]
    private static partial void LogFault(ILogger log, Exception fault, Guid import);

    private sealed class ReadSoFar : IProgress<long>
    {
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);

        public void Report(long value) => Interlocked.Exchange(ref _bytes, value);
    }
}
