using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Telemetry;

/// <summary>The signals on a use case, newest first.</summary>
public sealed class SignalList(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<Signal>> OfAsync(
        string useCaseKey, Actor reader, int page = 1, int size = 25, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return await db.Database.SqlQuery<Signal>(
            $"""
            select id "Id", source "Source", name "Name", severity "Severity", summary "Summary", use_case_key "UseCaseKey", is_firing "IsFiring", started_at "StartedAt", ended_at "EndedAt",
              received_at "ReceivedAt", labels::text "Labels"
            from telemetry.signal where use_case_key = {useCaseKey}
            """).OrderByDescending(s => s.StartedAt).ThenBy(s => s.Id).ToPageAsync(page, size, cancellation);
    }
}
