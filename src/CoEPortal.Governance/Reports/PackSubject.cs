using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Exercises;
using CoEPortal.Governance.Incidents;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Reports;

/// <summary>What an audit PDF can be about.</summary>
public enum PackKind { UseCase, Period, Portfolio, Drill, Incident, Exercise, Campaign }

/// <summary>What one audit PDF is about. Whoever asks for it, and whoever takes the file, is asked the same question.</summary>
/// <param name="Kind">Which of the kinds.</param>
/// <param name="Key">Names it for good: in the job, in the evidence, and to find earlier reports of it.</param>
/// <param name="Title">For headings and file names: no words of people in it.</param>
public abstract record PackSubject(PackKind Kind, string Key, string Title)
{
    public string? UseCaseKey => Kind is PackKind.UseCase ? Key : null;

    /// <summary>Whether this person may have a report about it, and whether there is anything to report.</summary>
    /// <exception cref="RuleViolationException">They may not, or there is nothing.</exception>
    /// <exception cref="NotFoundException">There is no such thing, or it is not for them to know.</exception>
    internal abstract Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation);

    /// <summary>Reads a subject again from what its <see cref="Key"/> said.</summary>
    public static PackSubject Of(PackKind kind, string key) => kind switch
    {
        PackKind.UseCase => new UseCaseSubject(key),
        PackKind.Period => PeriodSubject.Parse(key),
        PackKind.Portfolio => PortfolioSubject.Parse(key),
        PackKind.Drill => DrillSubject.Parse(key),
        PackKind.Incident => new IncidentSubject(key),
        PackKind.Exercise => new ExerciseSubject(key),
        PackKind.Campaign => new CampaignSubject(key),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    internal static void DemandWholeOrganisation(Actor reader)
    {
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        Refuse.If(AccessPolicy.OnlyOwnUnit(reader, Permission.ReadUseCases) || AccessPolicy.OnlyOwnUnit(reader, Permission.ExportAuditPacks),
            "not-permitted", $"{reader.Name} may not do this. It tells of every business unit.");
    }
}

/// <summary>One use case, e.g. <c>UC-0001</c>.</summary>
public sealed record UseCaseSubject(string UseCase) : PackSubject(PackKind.UseCase, UseCase, UseCase)
{
    internal override async Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        var subject = await db.DemandReadableAsync(Key, reader, cancellation);
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks, subject);
        Refuse.If(!await db.UseCases.AnyAsync(u => u.Key == Key && u.LatestRevision > 0, cancellation),
            "nothing-submitted", $"{Key} is still a draft. There is nothing to prove before it is submitted.");
    }
}

/// <summary>All that happened in the organisation from one day to another, both included, in its time zone.</summary>
public sealed record PeriodSubject(DateOnly From, DateOnly Until)
    : PackSubject(PackKind.Period, $"{Text(From)}/{Text(Until)}", $"{From.ToString(Long, CultureInfo.InvariantCulture)} to {Until.ToString(Long, CultureInfo.InvariantCulture)}")
{
    public const int MostDays = 366;

    private const string Iso = "yyyy-MM-dd";
    private const string Long = "d MMM yyyy";

    /// <param name="key">E.g. <c>2026-10-01/2026-10-31</c>.</param>
    public static PeriodSubject Parse(string key) => key.Split('/') is [var first, var last]
        && DateOnly.TryParseExact(first, Iso, CultureInfo.InvariantCulture, DateTimeStyles.None, out var from)
        && DateOnly.TryParseExact(last, Iso, CultureInfo.InvariantCulture, DateTimeStyles.None, out var until)
            ? new PeriodSubject(from, until)
            : throw new NotFoundException("period", key);

    internal override Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        DemandWholeOrganisation(reader);
        AccessPolicy.Demand(reader, Permission.ReadAudit);
        return Task.CompletedTask;
    }

    /// <summary>Asked when it is wanted, not when it is handed out: a period that was right stays right.</summary>
    internal void DemandSensible(DateOnly today)
    {
        Refuse.If(Until < From, "period-backwards", "The last day lies before the first. Exchange them.");
        Refuse.If(Until > today, "period-in-the-future", "The last day has not begun yet. Choose today or an earlier day.");
        Refuse.If(Until.DayNumber - From.DayNumber >= MostDays, "period-too-long", $"A report covers at most {MostDays} days. Choose a shorter period.");
    }

    private static string Text(DateOnly day) => day.ToString(Iso, CultureInfo.InvariantCulture);
}

/// <summary>Every use case that was submitted, or those of one business unit, stage or lane.</summary>
public sealed record PortfolioSubject(string? BusinessUnit, Stage? Stage, Lane? Lane)
    : PackSubject(PackKind.Portfolio, KeyOf(BusinessUnit, Stage, Lane), "portfolio")
{
    private const int LongestUnit = 200;

    /// <param name="key">E.g. <c>stage=InService;lane=Full;unit=Claims</c>; the unit last, because it may hold anything.</param>
    public static PortfolioSubject Parse(string key)
    {
        var parts = key.Split(';', 3);
        if (parts.Length < 3 || !parts[0].StartsWith("stage=", StringComparison.Ordinal) || !parts[1].StartsWith("lane=", StringComparison.Ordinal)
            || !parts[2].StartsWith("unit=", StringComparison.Ordinal))
        {
            throw new NotFoundException("portfolio", key);
        }

        var (stage, lane, unit) = (parts[0][6..], parts[1][5..], parts[2][5..]);
        return new PortfolioSubject(unit.Length > 0 ? unit : null, Choice<Stage>(stage), Choice<Lane>(lane));
    }

    internal override Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        DemandWholeOrganisation(reader);
        Refuse.If(BusinessUnit?.Length > LongestUnit || BusinessUnit?.Any(char.IsControl) == true,
            "unit-unusable", $"Name the business unit in at most {LongestUnit} characters, as it stands in the list of use cases.");
        return Task.CompletedTask;
    }

    private static string KeyOf(string? unit, Stage? stage, Lane? lane) => $"stage={stage};lane={lane};unit={unit}";

    private static TEnum? Choice<TEnum>(string text)
        where TEnum : struct, Enum => Enum.TryParse<TEnum>(text, out var value) && Enum.IsDefined(value) ? value : null;
}

/// <summary>One rehearsal of a stop.</summary>
public sealed record DrillSubject(Guid Id) : PackSubject(PackKind.Drill, Id.ToString(), $"drill {Id.ToString()[^12..]}")
{
    public static DrillSubject Parse(string key) => Guid.TryParse(key, out var id) ? new DrillSubject(id) : throw new NotFoundException("drill", key);

    internal override async Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        AccessPolicy.Demand(reader, Permission.ReadSwitches);
        var drill = await db.Drills.AsNoTracking().Where(d => d.Id == Id).Select(d => new { d.Kind, d.Target }).SingleOrDefaultAsync(cancellation)
            ?? throw new NotFoundException("drill", Key);
        if (drill.Kind is DrillKind.Real)
        {
            await db.DemandReadableAsync(drill.Target, reader, cancellation);
        }
    }
}

/// <summary>One incident, e.g. <c>INC-0001</c>.</summary>
public sealed record IncidentSubject(string Incident) : PackSubject(PackKind.Incident, Incident, Incident)
{
    internal override async Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        if (!await IncidentScope.Visible(db, reader).AnyAsync(i => i.Key == Key, cancellation))
        {
            throw new NotFoundException("incident", Key);
        }
    }
}

/// <summary>One tabletop exercise, e.g. <c>EX-0001</c>.</summary>
public sealed record ExerciseSubject(string Exercise) : PackSubject(PackKind.Exercise, Exercise, Exercise)
{
    internal override async Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        ExerciseCalendar.DemandReader(reader);
        if (!await db.Exercises.AnyAsync(e => e.Key == Key, cancellation))
        {
            throw new NotFoundException("exercise", Key);
        }
    }
}

/// <summary>One campaign that looked for AI tools, e.g. <c>SC-0001</c>.</summary>
public sealed record CampaignSubject(string Campaign) : PackSubject(PackKind.Campaign, Campaign, Campaign)
{
    internal override async Task DemandAsync(GovernanceDb db, Actor reader, CancellationToken cancellation)
    {
        AccessPolicy.Demand(reader, Permission.ExportAuditPacks);
        AccessPolicy.Demand(reader, Permission.ReadCampaigns);
        if (!await db.Campaigns.AnyAsync(c => c.Key == Key, cancellation))
        {
            throw new NotFoundException("campaign", Key);
        }
    }
}
