using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Telemetry;

/// <summary>One run that priced calls again: what it was for and what it changed. Written once, with the event.</summary>
public sealed class PriceRun : Aggregate
{
    private PriceRun()
    {
    }

    public Guid Id { get; private init; }

    public DateTimeOffset PricedFrom { get; private init; }

    public DateTimeOffset PricedTo { get; private init; }

    public string Reason { get; private init; } = "";

    public string RunBy { get; private init; } = "";

    public string RunByName { get; private init; } = "";

    public DateTimeOffset RunAt { get; private init; }

    /// <summary>Calls without a reported cost in that time.</summary>
    public long Calls { get; private init; }

    public long ChangedCalls { get; private init; }

    public decimal CostBefore { get; private init; }

    public decimal CostAfter { get; private init; }

    public override (string Type, string Key) AuditSubject => ("price-run", Id.ToString());

    internal static PriceRun Of(
        DateTimeOffset from, DateTimeOffset to, string reason, long calls, long changed, decimal before, decimal after, Actor by, DateTimeOffset now)
    {
        var run = new PriceRun
        {
            Id = Guid.CreateVersion7(now),
            PricedFrom = from,
            PricedTo = to,
            Reason = reason,
            RunBy = by.Id.Value,
            RunByName = by.Name,
            RunAt = now,
            Calls = calls,
            ChangedCalls = changed,
            CostBefore = before,
            CostAfter = after,
        };
        run.Record(new CallsRepriced(from, to, reason, calls, changed, before, after, by, now));
        return run;
    }
}

public sealed record CallsRepriced(
    DateTimeOffset From, DateTimeOffset To, [property: Personal] string Reason, long Calls, long Changed, decimal CostBefore, decimal CostAfter, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At);

internal sealed class PriceRunMapping : IEntityTypeConfiguration<PriceRun>
{
    public void Configure(EntityTypeBuilder<PriceRun> builder)
    {
        builder.ToTable("price_run", "telemetry");
        builder.Ignore(r => r.AuditSubject);
    }
}
