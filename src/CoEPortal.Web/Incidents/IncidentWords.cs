using System.Globalization;
using CoEPortal.Governance.Documents;
using CoEPortal.Governance.Incidents;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Incidents;

/// <summary>Incidents, deadlines and actions in words, with icon and tone.</summary>
public static class IncidentWords
{
    private const string Local = "yyyy-MM-ddTHH:mm";

    private static readonly TimeSpan Soon = TimeSpan.FromHours(24);

    public static IReadOnlyList<Choice<IncidentCategory>> Categories { get; } = [.. Enum.GetValues<IncidentCategory>().Select(c => new Choice<IncidentCategory>(c, Of(c)))];

    public static IReadOnlyList<Choice<IncidentSeverity>> Severities { get; } =
    [
        new(IncidentSeverity.Low, "Low", "Annoying, nobody is harmed"),
        new(IncidentSeverity.Moderate, "Moderate", "Some work or money is lost"),
        new(IncidentSeverity.Serious, "Serious", "People, rights or much money: evidence is locked, promised stops engage"),
        new(IncidentSeverity.Critical, "Critical", "Everybody on duty works on it now"),
    ];

    public static IReadOnlyList<Choice<HarmKind>> Harms { get; } =
    [
        new(HarmKind.Death, "Death of a person"),
        new(HarmKind.Health, "Serious harm to health"),
        new(HarmKind.Infrastructure, "Serious disruption of critical infrastructure"),
        new(HarmKind.Rights, "Fundamental rights infringed"),
        new(HarmKind.Property, "Serious harm to property"),
        new(HarmKind.Environment, "Serious harm to the environment"),
        new(HarmKind.Money, "Money"),
        new(HarmKind.Reputation, "Reputation"),
    ];

    public static IReadOnlyList<Choice<RiskToPeople>> Risks { get; } =
    [
        new(RiskToPeople.Unknown, "Not known yet"), new(RiskToPeople.Unlikely, "Unlikely"), new(RiskToPeople.Likely, "Likely"), new(RiskToPeople.High, "High"),
    ];

    public static IReadOnlyList<Choice<EntryKind>> Notes { get; } =
        [.. Enum.GetValues<EntryKind>().Where(k => k <= EntryKind.Evidence).Select(k => new Choice<EntryKind>(k, k.ToString()))];

    public static string Of(IncidentCategory category) => category switch
    {
        IncidentCategory.DataBreach => "Personal data breach",
        _ => EventInWords.Spaced(category.ToString()),
    };

    public static State Of(IncidentState state) => state switch
    {
        IncidentState.Reported => new("To triage", "inbox", Tone.Warning),
        IncidentState.Open => new("Open", "local_fire_department", Tone.Bad),
        IncidentState.Contained => new("Contained", "shield", Tone.Warning),
        IncidentState.Resolved => new("Resolved", "check", Tone.Info),
        IncidentState.Closed => new("Closed", "task_alt", Tone.Good),
        _ => new("Dismissed", "block", Tone.Neutral),
    };

    public static State Of(IncidentSeverity? severity) => severity switch
    {
        IncidentSeverity.Critical => new("Critical", "priority_high", Tone.Bad),
        IncidentSeverity.Serious => new("Serious", "warning", Tone.Bad),
        IncidentSeverity.Moderate => new("Moderate", "report", Tone.Warning),
        IncidentSeverity.Low => new("Low", "info", Tone.Neutral),
        _ => new("Not triaged", "help", Tone.Neutral),
    };

    public static State Of(IncidentClock clock, DateTimeOffset now) => clock switch
    {
        { State: ClockState.Done } when clock.IsLate(now) => new("Done, late", "notifications_active", Tone.Warning),
        { State: ClockState.Done } => new("Done", "check", Tone.Good),
        { State: ClockState.NotRequired } => new("Not required", "remove", Tone.Neutral),
        _ when now > clock.DueAt => new("Overdue", "timer_off", Tone.Bad),
        _ when clock.DueAt - now < Soon => new("Soon", "timer", Tone.Warning),
        _ => new("Running", "timer", Tone.Info),
    };

    public static State Of(IncidentAction action, DateOnly today) => action.State switch
    {
        ActionState.Open when action.DueOn < today => new("Overdue", "event_busy", Tone.Bad),
        ActionState.Open => new("Open", "assignment", Tone.Info),
        ActionState.Done => new("To verify", "rule", Tone.Warning),
        ActionState.Verified => new("Verified", "task_alt", Tone.Good),
        _ => new("Dropped", "remove", Tone.Neutral),
    };

    public static State Of(IncidentMessage message) => message.State switch
    {
        MessageState.Waiting => new("Waits for approval", "schedule", Tone.Warning),
        MessageState.Sent => new($"Sent to {InWords.Count(message.PeopleTold ?? 0, "person", "people")}", "mark_email_read", Tone.Good),
        _ => new("Not approved", "block", Tone.Neutral),
    };

    /// <summary>3 h left, 2 days late.</summary>
    public static string Left(IncidentClock clock, DateTimeOffset now) =>
        clock.DueAt > now ? $"{InWords.Duration(clock.DueAt - now)} left" : $"{InWords.Duration(now - clock.DueAt)} late";

    public static (string Icon, Tone Tone) Of(EntryKind kind) => kind switch
    {
        EntryKind.Detection => ("radar", Tone.Info),
        EntryKind.Mitigation => ("healing", Tone.Good),
        EntryKind.Decision => ("gavel", Tone.Info),
        EntryKind.Communication => ("mail", Tone.Info),
        EntryKind.Evidence or EntryKind.EvidenceLock => ("lock", Tone.Info),
        EntryKind.Reported => ("warning", Tone.Warning),
        EntryKind.Triaged => ("flag", Tone.Warning),
        EntryKind.StateChanged => ("trending_flat", Tone.Info),
        EntryKind.RoleGiven => ("badge", Tone.Neutral),
        EntryKind.SwitchEngaged => ("power_settings_new", Tone.Bad),
        EntryKind.Clock => ("timer", Tone.Warning),
        EntryKind.Action => ("assignment", Tone.Neutral),
        EntryKind.PostMortem => ("troubleshoot", Tone.Info),
        EntryKind.Runbook => ("menu_book", Tone.Neutral),
        _ => ("visibility", Tone.Neutral),
    };

    /// <param name="incident">Its key.</param>
    public static TimelineEntry Of(IncidentEntry entry, string incident) => new(
        Of(entry.Kind).Icon, Of(entry.Kind).Tone, entry.Text, entry.HappenedAt, $"{entry.AuthorName}, {EventInWords.Spaced(entry.Kind.ToString()).ToLowerInvariant()}",
        string.Join(" ", new[] { entry.Evidence, entry.EvidenceHash }.Where(t => !string.IsNullOrEmpty(t))) is { Length: > 0 } evidence ? $"Evidence: {evidence}" : null,
        File: entry.FileLength is { } length ? new($"/api/v1/incidents/{incident}/timeline/{entry.Number}/file", $"Download {UploadedFile.ExtensionOf(entry.FileType!).ToUpperInvariant()}, {InWords.Volume(length)}") : null);

    public static string Of(RiskKind kind) => kind switch
    {
        RiskKind.ClockOverdue => "A deadline has passed",
        RiskKind.SevereIncident => "A severe incident is open",
        RiskKind.ClockRunning => "A deadline runs",
        RiskKind.OpenIncident => "An incident is open",
        RiskKind.ActionOverdue => "An action is overdue",
        RiskKind.SwitchEngaged => "A switch is engaged",
        RiskKind.OpenAction => "An action is open",
        RiskKind.NotRehearsed => "A stop that was not rehearsed lately",
        _ => "None is known",
    };

    /// <summary>Where a risk is looked at; null for nowhere.</summary>
    public static string? HrefOf(UnresolvedRisk risk) => risk.Thing.StartsWith("INC-", StringComparison.Ordinal) ? $"/incidents/{risk.Thing}"
        : risk.Thing.StartsWith("UC-", StringComparison.Ordinal) ? $"/use-cases/{risk.Thing}" : risk.Thing.Length > 0 ? "/switches" : null;

    /// <summary>As a field for date and time has it.</summary>
    public static string Field(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString(Local, CultureInfo.InvariantCulture);

    /// <returns>Null when it is no time, or one that the clock skips.</returns>
    public static DateTimeOffset? Read(string? text, TimeZoneInfo zone) =>
        DateTime.TryParseExact(text, [Local, Local + ":ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) && !zone.IsInvalidTime(local)
            ? new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime() : null;
}
