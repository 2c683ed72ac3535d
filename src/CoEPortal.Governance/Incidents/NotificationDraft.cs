using System.Globalization;
using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Incidents;

/// <summary>The notification that a clock asks for, filled from the record. What nobody wrote down yet says so: it is a draft.</summary>
public static partial class NotificationDraft
{
    private const string Open = "[to be completed]";
    private const int MostMeasures = 20;

    private static readonly string[] Places =
    [
        "organisation", "incident", "title", "description", "category", "severity", "harms", "occurred", "detected", "aware", "due", "useCases", "peopleAffected", "groupsAffected",
        "riskToPeople", "measures", "switches", "causes", "contact", "source", "notified",
    ];

    public static IReadOnlyList<string> UnknownPlaces(string template) =>
        [.. Place().Matches(template).Select(m => m.Groups[1].Value).Where(name => !Places.Contains(name)).Select(name => "{{" + name + "}}")];

    /// <param name="template">With places such as <c>{{title}}</c>.</param>
    /// <param name="clock">The deadline it is for; null for a message.</param>
    /// <param name="measures">What was done, oldest first.</param>
    public static string Of(
        string template, Incident incident, IncidentClock? clock, IReadOnlyList<ConcernedUseCase> useCases, IReadOnlyList<IncidentEntry> measures, Organisation organisation)
    {
        string When(DateTimeOffset at)
        {
            var local = TimeZoneInfo.ConvertTime(at, organisation.Zone);
            return local.ToString("d MMMM yyyy, HH:mm", CultureInfo.GetCultureInfo("en-GB")) + $" ({organisation.TimeZone}, UTC{local.ToString("zzz", CultureInfo.InvariantCulture)})";
        }

        string Or(string text) => string.IsNullOrWhiteSpace(text) ? Open : text;
        return Place().Replace(template, match => match.Groups[1].Value switch
        {
            "organisation" => organisation.Name,
            "incident" => incident.Key,
            "title" => incident.Title,
            "description" => Or(incident.WhatHappened.Length > 0 ? incident.WhatHappened : incident.Description),
            "category" => Words(incident.Category.ToString()),
            "severity" => incident.Severity is { } severity ? severity.ToString().ToLowerInvariant() : Open,
            "harms" => incident.Harms.Count > 0 ? string.Join(", ", incident.Harms.Select(h => Words(h.ToString()))) : "none known",
            "occurred" => When(incident.OccurredAt),
            "detected" => When(incident.DetectedAt),
            "aware" => When(incident.AwareAt),
            "due" => clock is null ? Open : When(clock.DueAt),
            "useCases" => useCases.Count > 0 ? string.Join("; ", useCases.Select(u => $"{u.Title} ({u.Key}{(u.RiskClass is { } known ? $", {known.ToString().ToLowerInvariant()} risk" : "")})")) : Open,
            "peopleAffected" => incident.PeopleAffected is { } people ? "about " + people.ToString("N0", CultureInfo.InvariantCulture) : Open,
            "groupsAffected" => Or(incident.GroupsAffected),
            "riskToPeople" => incident.RiskToPeople is RiskToPeople.Unknown ? Open : incident.RiskToPeople.ToString().ToLowerInvariant(),
            "measures" => measures.Count == 0 ? Open : string.Join("\n", measures.Take(MostMeasures).Select(m => $"- {When(m.HappenedAt)}: {m.Text}")),
            "switches" => incident.Switches.Count == 0 ? "none was stopped" : string.Join("; ", incident.Switches.OrderBy(s => s.EngagedAt).Select(s => $"{s.Target} stopped at {When(s.EngagedAt)}")),
            "causes" => Or(incident.Causes),
            "contact" => incident.Roles.FirstOrDefault(r => r.Role is IncidentRoleKind.Lead)?.PersonName ?? Open,
            "source" => clock?.Source ?? Open,
            _ => clock?.Notified ?? Open,
        });
    }

    private static string Words(string name) => Capital().Replace(name, " $0").ToLowerInvariant();

    [GeneratedRegex(@"\{\{\s*([A-Za-z]{1,40})\s*\}\}")]
    private static partial Regex Place();

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex Capital();
}
