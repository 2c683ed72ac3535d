using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Portfolio;

public enum Arm
{
    /// <summary>The null model: the work as it is done without AI.</summary>
    WithoutAi,
    WithAi,
}

/// <summary>The KPI of a use case as somebody measured it, over a number of cases.</summary>
public sealed class KpiReading : Aggregate
{
    private const decimal Most = 1_000_000_000;

    private KpiReading()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public DateOnly MeasuredOn { get; private init; }

    public Arm Arm { get; private init; }

    public decimal Mean { get; private init; }

    /// <summary>Standard deviation of single cases; null when nobody knows it, and then there is no interval.</summary>
    public decimal? Deviation { get; private init; }

    /// <summary>How many cases it is the mean of.</summary>
    public int Sample { get; private init; }

    public string EnteredBy { get; private init; } = "";

    public string EnteredByName { get; private init; } = "";

    public DateTimeOffset EnteredAt { get; private init; }

    public DateTimeOffset? WithdrawnAt { get; private set; }

    /// <summary>By which the program that pushed it knows it; null when a person entered it.</summary>
    public string? PushId { get; private init; }

    /// <summary>The name of the token; null when a person entered it.</summary>
    public string? PushedBy { get; private init; }

    /// <summary>The reading whose place it takes.</summary>
    public Guid? Corrects { get; private init; }

    public override (string Type, string Key) AuditSubject => ("kpi-reading", Id.ToString());

    internal static KpiReading Enter(string useCaseKey, ReadingDraft draft, DateOnly today, Actor by, DateTimeOffset now, PushSource? push = null)
    {
        var errors = new Dictionary<string, string[]>();
        Check(draft.MeasuredOn <= today && draft.MeasuredOn > today.AddYears(-20), "measuredOn", "Give the day it was measured, today at the latest.");
        Check(Math.Abs(draft.Mean) <= Most, "mean", "Write a figure between -1,000,000,000 and 1,000,000,000.");
        Check(draft.Deviation is null or (>= 0 and <= Most), "deviation", "Write the standard deviation, 0 or more, or leave it out.");
        Check(draft.Sample is >= 1 and <= (int)Most, "sample", "Write of how many cases it is the mean, at least 1.");
        if (errors.Count > 0)
        {
            throw new InvalidFieldsException(errors);
        }

        var reading = new KpiReading
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            MeasuredOn = draft.MeasuredOn,
            Arm = draft.Arm,
            Mean = draft.Mean,
            Deviation = draft.Deviation,
            Sample = draft.Sample,
            EnteredBy = by.Id.Value,
            EnteredByName = by.Name,
            EnteredAt = now,
            PushId = push?.Id,
            PushedBy = push?.Token,
            Corrects = push?.Corrects,
        };
        reading.Record(new KpiReadingEntered(useCaseKey, draft.MeasuredOn, draft.Arm, draft.Mean, draft.Deviation, draft.Sample, push?.Token, by, now));
        return reading;

        void Check(bool holds, string field, string otherwise)
        {
            if (!holds)
            {
                errors[field] = [otherwise];
            }
        }
    }

    internal bool SaysTheSameAs(ReadingDraft draft) =>
        (MeasuredOn, Arm, Mean, Deviation, Sample) == (draft.MeasuredOn, draft.Arm, draft.Mean, draft.Deviation, draft.Sample);

    internal void Withdraw(Actor by, DateTimeOffset now)
    {
        Refuse.If(WithdrawnAt is not null, "reading-withdrawn", "This reading was taken back already.");
        WithdrawnAt = now;
        Record(new KpiReadingWithdrawn(UseCaseKey, MeasuredOn, Arm, Mean, Sample, by, now));
    }
}

/// <param name="Deviation">Standard deviation of single cases, if known.</param>
public sealed record ReadingDraft(DateOnly MeasuredOn, Arm Arm, decimal Mean, decimal? Deviation, int Sample);

/// <summary>Where a reading comes from that no person entered.</summary>
internal sealed record PushSource(string Id, string Token, Guid? Corrects);

/// <param name="PushedBy">The name of the token; null when a person entered it.</param>
public sealed record KpiReadingEntered(string UseCase, DateOnly MeasuredOn, Arm Arm, decimal Mean, decimal? Deviation, int Sample, string? PushedBy, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record KpiReadingWithdrawn(string UseCase, DateOnly MeasuredOn, Arm Arm, decimal Mean, int Sample, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

internal sealed class KpiReadingMapping : IEntityTypeConfiguration<KpiReading>
{
    public void Configure(EntityTypeBuilder<KpiReading> builder) => builder.Ignore(r => r.AuditSubject);
}
