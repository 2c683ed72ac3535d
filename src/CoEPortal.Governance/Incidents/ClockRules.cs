using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace CoEPortal.Governance.Incidents;

public enum ClockUnit { Hours, Days, WorkingDays }

/// <summary>When a clock runs. Every condition that is given has to hold; none given always holds.</summary>
/// <param name="Harms">One of these was done.</param>
/// <param name="Widespread">It is a widespread infringement. Beside harms: either is enough.</param>
/// <param name="RiskClasses">One of the use cases is of these classes, or its class is not known.</param>
/// <param name="PersonalData">Personal data is concerned, or nobody knows.</param>
/// <param name="RiskToPeople">The risk is one of these.</param>
/// <param name="SeverityFrom">At least this severe.</param>
/// <param name="BusinessUnits">One of the use cases is of one of these.</param>
public sealed record ClockCondition(
    IReadOnlyList<HarmKind> Harms, bool Widespread, IReadOnlyList<RiskClass> RiskClasses, bool PersonalData, IReadOnlyList<RiskToPeople> RiskToPeople,
    IncidentSeverity? SeverityFrom, IReadOnlyList<string> BusinessUnits)
{
    /// <param name="incident">As it was triaged.</param>
    /// <param name="useCases">What is known of its use cases; an unknown class could be any.</param>
    public bool Holds(Incident incident, IReadOnlyList<ConcernedUseCase> useCases) =>
        (Harms.Count == 0 && !Widespread || incident.Harms.Any(Harms.Contains) || Widespread && incident.IsWidespread)
        && (RiskClasses.Count == 0 || useCases.Count == 0 || useCases.Any(u => u.RiskClass is not { } known || RiskClasses.Contains(known)))
        && (!PersonalData || incident.PersonalData is not false)
        && (RiskToPeople.Count == 0 || RiskToPeople.Contains(incident.RiskToPeople))
        && (SeverityFrom is not { } least || incident.Severity >= least)
        && (BusinessUnits.Count == 0 || useCases.Any(u => BusinessUnits.Contains(u.BusinessUnit)));
}

public sealed record ConcernedUseCase(string Key, string Title, string BusinessUnit, RiskClass? RiskClass);

/// <summary>Who has to tell whom by when, and where that is written.</summary>
/// <param name="Source">Article and text of the law, or clause of the contract.</param>
/// <param name="EffectiveFrom">An incident that was known before this day does not start it.</param>
/// <param name="WarnBefore">How long before the end people are warned, the longest first.</param>
/// <param name="Tell">The functions that are warned beside those who lead the incident.</param>
/// <param name="Draft">The notification, with places in double braces.</param>
public sealed record ClockRule(
    string Id, string Title, string Source, DateOnly EffectiveFrom, string Notifies, string Notified, int Within, ClockUnit Unit, IReadOnlyList<TimeSpan> WarnBefore,
    IReadOnlyList<Role> Tell, ClockCondition When, string Draft)
{
    internal DateTimeOffset? FirstWarning(DateTimeOffset dueAt) => WarnBefore.Count > 0 ? dueAt - WarnBefore[0] : null;

    /// <summary>
    /// Hours are hours that pass, whatever the clocks on the wall do. Days are days of the calendar and end at the time of day at which
    /// they began, in the organisation's zone: Regulation 1182/71 would allow until midnight, and the earlier is never too late.
    /// </summary>
    public DateTimeOffset DueAfter(DateTimeOffset awareAt, Organisation organisation)
    {
        switch (Unit)
        {
            case ClockUnit.Hours:
                return awareAt.ToUniversalTime().AddHours(Within);
            case ClockUnit.WorkingDays:
                return organisation.AfterWorkingDays(awareAt, Within);
            default:
                var zone = organisation.Zone;
                var local = DateTime.SpecifyKind(TimeZoneInfo.ConvertTime(awareAt, zone).DateTime.AddDays(Within), DateTimeKind.Unspecified);
                // Where the clock skips this time, the first that exists after it; where it comes twice, the earlier.
                while (zone.IsInvalidTime(local))
                {
                    local = local.AddMinutes(1);
                }

                var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
                return new DateTimeOffset(local, offset).ToUniversalTime();
        }
    }
}

/// <summary>The clock rules of one version (<c>templates/clocks/*.yaml</c>).</summary>
public sealed record ClockRules(string Version, DateOnly EffectiveFrom, IReadOnlyList<ClockRule> Clocks)
{
    public const int LongestFile = 200_000;

    private const int MostClocks = 100;
    private const int LongestDraft = 10_000;

    private static readonly string[] Head = ["version", "effectiveFrom", "clocks"];
    private static readonly string[] OfRule = ["id", "title", "source", "effectiveFrom", "notifies", "notified", "within", "warnBefore", "tell", "when", "draft"];
    private static readonly string[] OfCondition = ["harms", "widespread", "riskClasses", "personalData", "riskToPeople", "severityFrom", "businessUnits"];

    public IReadOnlyList<(ClockRule Rule, DateTimeOffset DueAt)> For(Incident incident, IReadOnlyList<ConcernedUseCase> useCases, Organisation organisation) =>
    [
        .. from rule in Clocks
           where organisation.DayOf(incident.AwareAt) >= rule.EffectiveFrom && rule.When.Holds(incident, useCases)
           select (rule, rule.DueAfter(incident.AwareAt, organisation)),
    ];

    /// <exception cref="ClockRulesException">Says the line and what is wrong with it.</exception>
    public static ClockRules Parse(string yaml)
    {
        if (yaml.Length > LongestFile)
        {
            throw new ClockRulesException(1, $"The file is longer than {LongestFile:N0} characters.");
        }

        try
        {
            // An anchor that is used again and again would make a small file large.
            var parser = new Parser(new StringReader(yaml));
            while (parser.MoveNext())
            {
                if (parser.Current is AnchorAlias alias)
                {
                    throw new ClockRulesException(alias.Start.Line, "Anchors are not used here. Write it out.");
                }
            }

            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents is not [{ RootNode: YamlMappingNode root }])
            {
                throw new ClockRulesException(1, "The file holds one document with version, effectiveFrom and clocks.");
            }

            Only(root, Head);
            if (Child(root, "clocks") is not YamlSequenceNode { Children.Count: > 0 and <= MostClocks } list)
            {
                throw new ClockRulesException(LineOf(root), $"List 1 to {MostClocks} clocks under 'clocks'.");
            }

            var rules = list.Children.Select(RuleOf).ToList();
            var twice = rules.GroupBy(r => r.Rule.Id).FirstOrDefault(g => g.Count() > 1)?.Last();
            return twice is { } second
                ? throw new ClockRulesException(second.Line, $"The id '{second.Rule.Id}' is used twice.")
                : new ClockRules(Text(root, "version", 100), Day(root, "effectiveFrom"), [.. rules.Select(r => r.Rule)]);
        }
        catch (YamlException error)
        {
            throw new ClockRulesException(error.Start.Line, error.InnerException?.Message ?? error.Message);
        }
    }

    private static (ClockRule Rule, long Line) RuleOf(YamlNode node)
    {
        if (node is not YamlMappingNode map)
        {
            throw new ClockRulesException(LineOf(node), "A clock has an id, a title, a source and what else the README lists.");
        }

        Only(map, OfRule);
        var (within, unit) = Span(map);
        var warn = Texts(map, "warnBefore").Select(t => Hours(map, t)).OrderDescending().ToList();
        var draft = Text(map, "draft", LongestDraft);
        var rule = new ClockRule(
            Text(map, "id", 100), Text(map, "title", 200), Source(map), Day(map, "effectiveFrom"), Text(map, "notifies", 200), Text(map, "notified", 200), within, unit, warn,
            Choices<Role>(map, "tell"), ConditionOf(map), draft);
        var unknown = NotificationDraft.UnknownPlaces(draft);
        return unknown.Count == 0 ? (rule, LineOf(map)) : throw new ClockRulesException(LineOf(Child(map, "draft")!), $"The draft has a place that nothing fills: {unknown[0]}.");
    }

    // A deadline that nobody can look up is somebody's memory.
    private static string Source(YamlMappingNode map) => Child(map, "source") is YamlScalarNode { Value: { } text } && !string.IsNullOrWhiteSpace(text)
        ? Text(map, "source", 500)
        : throw new ClockRulesException(LineOf(map), $"The clock '{(Child(map, "id") as YamlScalarNode)?.Value}' names no source. Give the article or the clause it comes from.");

    private static ClockCondition ConditionOf(YamlMappingNode rule)
    {
        if (Child(rule, "when") is not { } node)
        {
            throw new ClockRulesException(LineOf(rule), "Say under 'when' for which incidents it runs.");
        }

        if (node is not YamlMappingNode { Children.Count: > 0 } when)
        {
            throw new ClockRulesException(LineOf(node), "Give at least one condition under 'when'.");
        }

        Only(when, OfCondition);
        return new ClockCondition(
            Choices<HarmKind>(when, "harms"), Flag(when, "widespread"), Choices<RiskClass>(when, "riskClasses"), Flag(when, "personalData"), Choices<RiskToPeople>(when, "riskToPeople"),
            Choices<IncidentSeverity>(when, "severityFrom") is [var least, ..] ? least : null, Texts(when, "businessUnits"));
    }

    private static (int Within, ClockUnit Unit) Span(YamlMappingNode map)
    {
        var text = Text(map, "within", 40);
        return text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var number, .. var unit] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 10_000
            ? (count, string.Join(' ', unit) switch
            {
                "hours" or "hour" => ClockUnit.Hours,
                "days" or "day" => ClockUnit.Days,
                "working days" or "working day" => ClockUnit.WorkingDays,
                _ => throw new ClockRulesException(LineOf(Child(map, "within")!), "Write 'within' as hours, days or working days, e.g. 72 hours."),
            })
            : throw new ClockRulesException(LineOf(Child(map, "within")!), "Write 'within' as a number and its unit, e.g. 72 hours or 15 days.");
    }

    private static TimeSpan Hours(YamlMappingNode map, string text) =>
        text.EndsWith('h') && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours is > 0 and <= 10_000
            ? TimeSpan.FromHours(hours)
            : throw new ClockRulesException(LineOf(Child(map, "warnBefore")!), "Write warnings as hours before the end, e.g. [24h, 4h].");

    private static DateOnly Day(YamlMappingNode map, string name) =>
        DateOnly.TryParseExact(Text(map, name, 40), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
            : throw new ClockRulesException(LineOf(Child(map, name)!), $"Write '{name}' as a day, e.g. 2026-08-02.");

    private static string Text(YamlMappingNode map, string name, int longest)
    {
        var node = Child(map, name) ?? throw new ClockRulesException(LineOf(map), $"'{name}' is missing.");
        return node is YamlScalarNode { Value: { } text } && !string.IsNullOrWhiteSpace(text) && text.Length <= longest ? text.Trim()
            : throw new ClockRulesException(LineOf(node), $"'{name}' is a text of 1 to {longest:N0} characters.");
    }

    private static bool Flag(YamlMappingNode map, string name) => Child(map, name) switch
    {
        null => false,
        YamlScalarNode { Value: "true" } => true,
        YamlScalarNode { Value: "false" } => false,
        var other => throw new ClockRulesException(LineOf(other), $"'{name}' is true or false."),
    };

    private static IReadOnlyList<string> Texts(YamlMappingNode map, string name) => Child(map, name) switch
    {
        null => [],
        YamlScalarNode { Value: { Length: > 0 } one } => [one],
        YamlSequenceNode many when many.Children.All(c => c is YamlScalarNode { Value.Length: > 0 }) => [.. many.Children.Select(c => ((YamlScalarNode)c).Value!)],
        var other => throw new ClockRulesException(LineOf(other), $"'{name}' is a word or a list of words."),
    };

    private static IReadOnlyList<T> Choices<T>(YamlMappingNode map, string name)
        where T : struct, Enum =>
    [
        .. Texts(map, name).Select(text => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsDigit(text[0]) ? value
            : throw new ClockRulesException(LineOf(Child(map, name)!), $"'{text}' is none of {string.Join(", ", Enum.GetNames<T>())}.")),
    ];

    private static void Only(YamlMappingNode map, string[] known)
    {
        foreach (var key in map.Children.Keys)
        {
            if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
            {
                throw new ClockRulesException(LineOf(key), $"'{key}' is not known here. Known are {string.Join(", ", known)}.");
            }
        }
    }

    private static YamlNode? Child(YamlMappingNode map, string name) => map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static long LineOf(YamlNode node) => node.Start.Line;
}

/// <summary>A file of clock rules cannot be taken into force.</summary>
public sealed class ClockRulesException(long line, string reason) : Exception($"line {line}: {reason}")
{
    public long Line { get; } = line;

    public string Reason { get; } = reason;
}
