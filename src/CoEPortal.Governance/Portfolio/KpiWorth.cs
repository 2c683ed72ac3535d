using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace CoEPortal.Governance.Portfolio;

/// <param name="PerUnit">What one unit of the KPI is worth in one case, e.g. a minute less for a letter.</param>
/// <param name="Source">Where the figure comes from.</param>
/// <param name="CasesPerMonth">In how many cases a month it has this effect.</param>
/// <param name="RunningPerMonth">What it costs a month beside the calls that are measured: people, licences.</param>
/// <param name="BuildOnce">What it cost to build.</param>
/// <param name="CountedFrom">The day from which effect, calls and running costs count.</param>
public sealed record WorthDraft(decimal PerUnit, string Source, int CasesPerMonth, decimal RunningPerMonth, decimal BuildOnce, DateOnly CountedFrom);

/// <summary>What somebody of the business states a unit of the KPI to be worth, in US dollars as spend is. Never changed; the newest counts.</summary>
public sealed class KpiWorth : Aggregate
{
    public const string Currency = "USD";
    public const int SourceLength = 500;

    private const decimal Most = 1_000_000_000;
    private const int LongestYears = 20;

    private KpiWorth()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public int Number { get; private init; }

    public decimal PerUnit { get; private init; }

    public string Source { get; private init; } = "";

    public int CasesPerMonth { get; private init; }

    public decimal RunningPerMonth { get; private init; }

    public decimal BuildOnce { get; private init; }

    public DateOnly CountedFrom { get; private init; }

    public string StatedBy { get; private init; } = "";

    public string StatedByName { get; private init; } = "";

    public DateTimeOffset StatedAt { get; private init; }

    public override (string Type, string Key) AuditSubject => ("kpi-worth", $"{UseCaseKey}/{Number}");

    internal static KpiWorth State(string useCaseKey, int number, WorthDraft draft, DateOnly today, Actor by, DateTimeOffset now)
    {
        var errors = new Dictionary<string, string[]>();
        Check(draft.PerUnit is > 0 and <= Most, "perUnit", "Write what one unit is worth, more than 0.");
        Check(draft.Source.Trim().Length is > 0 and <= SourceLength, "source", $"Say where the figure comes from, in at most {SourceLength} characters.");
        Check(draft.CasesPerMonth is >= 1 and <= (int)Most, "casesPerMonth", "Write in how many cases a month, at least 1.");
        Check(draft.RunningPerMonth is >= 0 and <= Most, "runningPerMonth", "Write what it costs a month beside its calls, 0 or more.");
        Check(draft.BuildOnce is >= 0 and <= Most, "buildOnce", "Write what it cost to build, 0 or more.");
        Check(draft.CountedFrom <= today && draft.CountedFrom > today.AddYears(-LongestYears), "countedFrom", "Give the day from which it counts, today at the latest.");
        if (errors.Count > 0)
        {
            throw new InvalidFieldsException(errors);
        }

        var worth = new KpiWorth
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Number = number,
            PerUnit = draft.PerUnit,
            Source = draft.Source.Trim(),
            CasesPerMonth = draft.CasesPerMonth,
            RunningPerMonth = draft.RunningPerMonth,
            BuildOnce = draft.BuildOnce,
            CountedFrom = draft.CountedFrom,
            StatedBy = by.Id.Value,
            StatedByName = by.Name,
            StatedAt = now,
        };
        worth.Record(new KpiWorthStated(useCaseKey, number, draft.PerUnit, Currency, worth.Source, draft.CasesPerMonth, draft.RunningPerMonth, draft.BuildOnce, draft.CountedFrom, by, now));
        return worth;

        void Check(bool holds, string field, string otherwise)
        {
            if (!holds)
            {
                errors[field] = [otherwise];
            }
        }
    }
}

public sealed record KpiWorthStated(
    string UseCase, int Number, decimal PerUnit, string Currency, [property: Personal] string Source, int CasesPerMonth, decimal RunningPerMonth, decimal BuildOnce, DateOnly CountedFrom,
    Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

internal sealed class KpiWorthMapping : IEntityTypeConfiguration<KpiWorth>
{
    public void Configure(EntityTypeBuilder<KpiWorth> builder) => builder.Ignore(w => w.AuditSubject);
}
