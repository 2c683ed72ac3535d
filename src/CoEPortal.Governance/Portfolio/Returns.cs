using System.Globalization;
using System.Text;
using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Portfolio;

public enum ReturnSort { Low, High, Costs, Key }

public sealed record ReturnRow(string Key, string Title, Kpi Kpi, ReturnOnInvestment Return);

/// <summary>Return on investment against the work without AI, of one use case and of the portfolio.</summary>
public sealed class Returns(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider clock)
{
    /// <summary>Of use cases with a statement of worth; a portfolio has fewer.</summary>
    public const int MostRows = 2000;

    /// <exception cref="NotFoundException">There is none, or it is not for this reader.</exception>
    public async Task<ReturnRow> OfAsync(string useCaseKey, Actor reader, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.DemandReadableAsync(useCaseKey, reader, cancellation);
        return (await RowsAsync(db, reader, useCaseKey, cancellation)).Single();
    }

    /// <summary>Those whose worth was stated. Ranges that do not exist come last, whichever way it is sorted.</summary>
    public async Task<Page<ReturnRow>> ForAsync(
        Actor reader, ReturnSort sort = ReturnSort.Low, bool descending = true, int page = 1, int size = 20, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        size = Math.Clamp(size, 1, Paging.LargestSize);
        page = Math.Clamp(page, 1, 1_000_000);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var rows = await RowsAsync(db, reader, null, cancellation);
        return new([.. Sorted(rows, sort, descending).Skip((page - 1) * size).Take(size)], rows.Count, page, size);
    }

    /// <summary>For spreadsheets (RFC 4180), the highest lower end first.</summary>
    public async Task<string> CsvAsync(Actor reader, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(reader, Permission.ReadUseCases);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var text = new StringBuilder("use_case,title,kpi,verdict,net_low_usd,net_high_usd,value_low_usd,value_high_usd,spend_usd,running_usd,build_usd,unpriced_calls,cases_without_ai,cases_with_ai,from,until,stated_by,source\r\n");
        foreach (var (key, title, kpi, r) in Sorted(await RowsAsync(db, reader, null, cancellation), ReturnSort.Low, true))
        {
            text.AppendJoin(',', ((string[])
            [
                key, title, kpi.Metric, r.Verdict.ToString(), Plain(r.NetLow), Plain(r.NetHigh), Plain(r.ValueLow), Plain(r.ValueHigh), Plain(r.Spend), Plain(r.Running), Plain(r.BuildOnce),
                Plain(r.UnpricedCalls), Plain(r.Lift.Without?.Sample), Plain(r.Lift.With?.Sample), $"{r.Worth?.CountedFrom:yyyy-MM-dd}", $"{r.Until:yyyy-MM-dd}", r.Worth?.StatedByName ?? "", r.Worth?.Source ?? "",
            ]).Select(FieldOf)).Append("\r\n");
        }

        return text.ToString();
    }

    private static IEnumerable<ReturnRow> Sorted(IEnumerable<ReturnRow> rows, ReturnSort sort, bool descending)
    {
        decimal? Figure(ReturnRow row) => sort switch { ReturnSort.High => row.Return.NetHigh, ReturnSort.Costs => row.Return.Costs, _ => row.Return.NetLow };
        if (sort is ReturnSort.Key)
        {
            return descending ? rows.OrderByDescending(r => r.Key, StringComparer.Ordinal) : rows.OrderBy(r => r.Key, StringComparer.Ordinal);
        }

        var known = rows.OrderBy(r => Figure(r) is null);
        return (descending ? known.ThenByDescending(Figure) : known.ThenBy(Figure)).ThenBy(r => r.Key, StringComparer.Ordinal);
    }

    // A loss begins with a minus, which is no formula.
    private static string FieldOf(string value) => decimal.TryParse(value, CultureInfo.InvariantCulture, out _) ? value : UsageCsv.Field(value);

    private static string Plain(IFormattable? figure) => figure?.ToString(null, CultureInfo.InvariantCulture) ?? "";

    // One query for all: interval and quantile need no database, and the rest of a row is needed to sort by them.
    private async Task<List<ReturnRow>> RowsAsync(GovernanceDb db, Actor reader, string? only, CancellationToken cancellation)
    {
        var (ownOnly, me, unit) = (AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases), reader.Id.Value, reader.BusinessUnit);
        var today = organisation.DayOf(clock.GetUtcNow());
        var found = await db.Database.SqlQuery<Row>(
            $"""
            select u.key "Key", u.title "Title", coalesce((select r.proposal from use_case_revision r where r.use_case_id = u.id and r.number = u.approved_revision), u.draft) ->> 'kpi' "Kpi",
              w.id "WorthId", a.mean "MeanWithout", a.deviation "DeviationWithout", a.sample "SampleWithout", b.mean "MeanWith", b.deviation "DeviationWith", b.sample "SampleWith",
              coalesce(s.cost, 0) "Spend", coalesce(s.unpriced, 0) "UnpricedCalls"
            from use_case u
            left join lateral (select k.id, k.counted_from from kpi_worth k where k.use_case_key = u.key order by k.number desc limit 1) w on true
            left join kpi_arm a on a.use_case_key = u.key and a.arm = 'WithoutAi'
            left join kpi_arm b on b.use_case_key = u.key and b.arm = 'WithAi'
            left join lateral (
              select sum(h.cost) cost, sum(h.unpriced_calls)::bigint unpriced from telemetry.usage_hour h
              where h.use_case_key = u.key and h.hour >= (w.counted_from::timestamp at time zone {organisation.TimeZone})) s on true
            where ({only}::text is null and w.id is not null or u.key = {only}) and (not {ownOnly} or u.business_unit = {unit} or {me} = any (u.editors))
            order by u.key limit {MostRows}
            """).ToListAsync(cancellation);
        var ids = found.Select(r => r.WorthId).OfType<Guid>().ToList();
        var worths = await db.KpiWorths.AsNoTracking().Where(w => ids.Contains(w.Id)).ToDictionaryAsync(w => w.Id, cancellation);
        return [.. found.Select(r => RowOf(r, r.WorthId is { } id ? worths[id] : null, today))];
    }

    private static ReturnRow RowOf(Row row, KpiWorth? worth, DateOnly today)
    {
        var kpi = row.Kpi is null ? new Kpi() : JsonSerializer.Deserialize<Kpi>(row.Kpi, ProposalJson.Options)!;
        var lift = Lift.Of(kpi, ArmOf(row.MeanWithout, row.DeviationWithout, row.SampleWithout), ArmOf(row.MeanWith, row.DeviationWith, row.SampleWith));
        return new(row.Key, row.Title, kpi, ReturnOnInvestment.Of(kpi, lift, worth, row.Spend, row.UnpricedCalls, today));

        static ArmFigures? ArmOf(double? mean, double? deviation, long? sample) => mean is { } m && sample is { } n ? new(m, deviation, n) : null;
    }

    private sealed record Row(
        string Key, string Title, string? Kpi, Guid? WorthId, double? MeanWithout, double? DeviationWithout, long? SampleWithout, double? MeanWith, double? DeviationWith, long? SampleWith,
        decimal Spend, long UnpricedCalls);
}
