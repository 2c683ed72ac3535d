using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

/// <summary>A use case that ended, why, and what that taught.</summary>
/// <param name="Cost">What it had cost in all, in US dollars.</param>
public sealed record StoppedUseCase(string Key, string Title, string BusinessUnit, Stage Before, string Reason, string Lesson, string StoppedBy, DateTimeOffset StoppedAt, decimal Cost);

/// <summary>What stopped use cases taught, the newest first.</summary>
public sealed class StoppedUseCases(IDbContextFactory<GovernanceDb> databases)
{
    public async Task<Page<StoppedUseCase>> ForAsync(Actor reader, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        size = Math.Clamp(size, 1, Paging.LargestSize);
        page = Math.Clamp(page, 1, 1_000_000);
        var (ownOnly, me, unit) = (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases), reader.Id.Value, reader.BusinessUnit);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            select s.use_case_key "Key", u.title "Title", u.business_unit "BusinessUnit", s.stage_before "Before", s.reason "Reason", s.lesson "Lesson",
              s.stopped_by_name "StoppedBy", s.stopped_at "StoppedAt", count(*) over ()::int "Total",
              coalesce((select sum(d.cost) from telemetry.usage_day d where d.use_case_key = s.use_case_key), 0) "Cost"
            from stopped_use_case s join use_case u on u.key = s.use_case_key
            where not {ownOnly} or u.business_unit = {unit} or {me} = any (u.editors)
            order by s.stopped_at desc, s.use_case_key limit {size} offset {(page - 1) * size}
            """).ToListAsync(cancellation);
        return new(
            [.. rows.Select(r => new StoppedUseCase(r.Key, r.Title, r.BusinessUnit, Enum.Parse<Stage>(r.Before), r.Reason, r.Lesson, r.StoppedBy, r.StoppedAt, r.Cost))],
            rows.Count > 0 ? rows[0].Total : 0, page, size);
    }

    private sealed record Row(
        string Key, string Title, string BusinessUnit, string Before, string Reason, string Lesson, string StoppedBy, DateTimeOffset StoppedAt, int Total, decimal Cost);
}
