using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Reports;
using CoEPortal.Web.Components;
using CoEPortal.Web.KillSwitches;

namespace CoEPortal.Web.Reports;

/// <summary>What the address of the reports page says, and the words for it.</summary>
public static class ReportQuery
{
    private const string Iso = "yyyy-MM-dd";

    public static IReadOnlyList<Choice<string>> Stages { get; } = [.. Enum.GetValues<Stage>().Where(s => s is not Stage.Draft).Select(s => new Choice<string>(s.ToString(), PrintedText.Words(s)))];

    public static IReadOnlyList<Choice<string>> Lanes { get; } = [.. Enum.GetValues<Lane>().Select(l => new Choice<string>(l.ToString(), PrintedText.Words(l)))];

    public static string Name(PackKind kind) => kind switch
    {
        PackKind.UseCase => "Use case",
        _ => kind.ToString(),
    };

    public static string Word(PackKind kind) => kind.ToString().ToLowerInvariant();

    /// <returns>Null while something is still to be chosen.</returns>
    public static PackSubject? SubjectOf(PackKind kind, QueryState query, DateOnly from, DateOnly until) => kind switch
    {
        PackKind.UseCase => query["key"] is { } key ? new UseCaseSubject(key) : null,
        PackKind.Period => new PeriodSubject(from, until),
        PackKind.Portfolio => new PortfolioSubject(query["unit"], query.Choice<Stage>("stage"), query.Choice<Lane>("lane")),
        PackKind.Campaign => query["campaign"] is { } campaign ? new CampaignSubject(campaign) : null,
        PackKind.Exercise => query["exercise"] is { } exercise ? new ExerciseSubject(exercise) : null,
        PackKind.Incident => query["incident"] is { } incident ? new IncidentSubject(incident) : null,
        _ => Guid.TryParse(query["drill"], out var drill) ? new DrillSubject(drill) : null,
    };

    public static string Preview(PackSubject subject, Paper paper) =>
        $"/api/v1/reports/preview?subject={subject.Kind}&key={Uri.EscapeDataString(subject.Key)}&paper={paper}";

    public static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, Iso, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    public static string Text(DateOnly day) => day.ToString(Iso, CultureInfo.InvariantCulture);

    /// <summary>For a list to choose from, with the one in the address, however old it is.</summary>
    public static IReadOnlyList<Choice<string>> Drills(IReadOnlyList<Drill> drills, string? chosen, Organisation organisation)
    {
        var listed = drills.Select(d => new Choice<string>(
            d.Id.ToString(), $"{(d.Kind is DrillKind.Canary ? "Canary" : d.Target)}, {PrintedText.Instant(d.ClickedAt, organisation.Zone)[..^10]}, {DrillWords.Of(d.Outcome).Word.ToLowerInvariant()}")).ToList();
        if (Guid.TryParse(chosen, out var id) && drills.All(d => d.Id != id))
        {
            listed.Insert(0, new Choice<string>(id.ToString(), $"Drill {id.ToString()[^12..]}"));
        }

        return listed;
    }

    /// <summary>What a finished or running report is about, in words.</summary>
    public static string About(AuditPackStatus job) => job.Subject switch
    {
        PortfolioSubject { BusinessUnit: null, Stage: null, Lane: null } => "The whole portfolio",
        PortfolioSubject portfolio => "Portfolio: " + string.Join(", ", new[]
        {
            portfolio.BusinessUnit, portfolio.Stage is { } stage ? PrintedText.Words(stage).ToLowerInvariant() : null,
            portfolio.Lane is { } lane ? $"{PrintedText.Words(lane).ToLowerInvariant()} lane" : null,
        }.OfType<string>()),
        DrillSubject drill => $"D{drill.Title[1..]}",
        var other => other.Title,
    };
}
