using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Governance.Incidents;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace CoEPortal.Governance.Exercises;

/// <summary>What the players are told, so many minutes after the start.</summary>
public sealed record Inject
{
    public int At { get; init; }

    public string Title { get; init; } = "";

    public string Text { get; init; } = "";
}

/// <summary>What is expected of a role, within so many minutes after the start.</summary>
public sealed record ExpectedStep
{
    public string Title { get; init; } = "";

    public string Role { get; init; } = "";

    public int Within { get; init; }

    /// <summary>A rehearsal of the switch does it, nothing else.</summary>
    public bool Drill { get; init; }
}

/// <summary>A tabletop exercise as it is written down (<c>templates/exercises/*.yaml</c>).</summary>
public sealed record Scenario
{
    public const int LongestFile = 100_000;

    private const int MostSteps = 60;
    private const int MostRoles = 20;
    private const int LongestText = 2000;
    private const int LongestMinutes = 24 * 60;

    /// <summary>Of the file, without its ending.</summary>
    [YamlIgnore]
    public string Name { get; init; } = "";

    [YamlIgnore]
    public string Hash { get; init; } = "";

    [YamlIgnore]
    public string Yaml { get; init; } = "";

    public string Title { get; init; } = "";

    public string About { get; init; } = "";

    public int ObjectiveMinutes { get; init; }

    public int EveryMonths { get; init; } = 12;

    public List<string> Roles { get; init; } = [];

    public List<Inject> Injects { get; init; } = [];

    public List<ExpectedStep> Steps { get; init; } = [];

    /// <exception cref="InvalidDataException">Says the line, where there is one, and what is wrong.</exception>
    public static Scenario Parse(string name, string yaml)
    {
        if (yaml.Length > LongestFile)
        {
            throw new InvalidDataException($"line 1: the file is longer than {LongestFile:N0} characters.");
        }

        try
        {
            var parser = new Parser(new StringReader(yaml));
            while (parser.MoveNext())
            {
                if (parser.Current is YamlDotNet.Core.Events.AnchorAlias alias)
                {
                    throw new InvalidDataException($"line {alias.Start.Line}: anchors are not used here. Write it out.");
                }
            }

            var read = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<Scenario?>(yaml);
            var fault = read switch
            {
                null => "the file is empty.",
                { Title.Length: 0 or > 200 } => "it needs a title of at most 200 characters.",
                { About.Length: > LongestText } => $"'about' has at most {LongestText:N0} characters.",
                { ObjectiveMinutes: < 1 or > LongestMinutes } => "objectiveMinutes is 1 to 1440.",
                { EveryMonths: < 1 or > 60 } => "everyMonths is 1 to 60.",
                { Roles.Count: 0 or > MostRoles } => $"name 1 to {MostRoles} roles.",
                { Steps.Count: 0 or > MostSteps } => $"list 1 to {MostSteps} steps.",
                { Injects.Count: > MostSteps } => $"list at most {MostSteps} injects.",
                _ when read.Roles.Exists(r => r is null or { Length: 0 or > 100 }) || read.Roles.Distinct().Count() != read.Roles.Count => "a role is a name of at most 100 characters, each once.",
                _ when read.Steps.Find(s => s is null || s.Title.Length is 0 or > 500 || s.Within is < 1 or > LongestMinutes) is not null => "each step has a title and 'within' minutes, 1 to 1440.",
                _ when read.Steps.Find(s => !read.Roles.Contains(s.Role)) is { } stray => $"the step '{stray.Title}' is for '{stray.Role}', which is none of the roles.",
                _ when read.Steps.Count(s => s.Drill) > 1 => "at most one step is the drill.",
                _ when read.Injects.Exists(i => i is null || i.At is < 0 or > LongestMinutes || i.Text.Length is 0 or > LongestText || i.Title.Length > 200) => "each inject has 'at' minutes and a text.",
                _ => null,
            };
            return fault is not null ? throw new InvalidDataException($"line 1: {fault}")
                : read! with { Name = name, Yaml = yaml, Hash = ContentHash.OfBytes(Encoding.UTF8.GetBytes(yaml)).ToString(), Injects = [.. read.Injects.OrderBy(i => i.At)] };
        }
        catch (YamlException error)
        {
            throw new InvalidDataException($"line {error.Start.Line}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }

    /// <summary>A step in time counts whole, a late one half, one that was not done nothing.</summary>
    /// <param name="doneAfter">Minutes after the start, by the number of the step.</param>
    public int ScoreOf(IReadOnlyDictionary<int, double> doneAfter)
    {
        var points = Steps.Select((step, i) => doneAfter.TryGetValue(i + 1, out var minutes) ? minutes <= step.Within ? 1m : 0.5m : 0m).Sum();
        return (int)Math.Round(100 * points / Steps.Count, MidpointRounding.AwayFromZero);
    }
}

/// <summary>The scenarios of this installation, read once at the start.</summary>
public sealed class Scenarios
{
    private const int MostFiles = 100;

    public Scenarios(string folder)
    {
        var (all, refused) = (new List<Scenario>(), new List<RefusedFile>());
        foreach (var path in (Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal) : Enumerable.Empty<string>()).Take(MostFiles))
        {
            try
            {
                all.Add(Scenario.Parse(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)));
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                refused.Add(new RefusedFile(Path.GetFileName(path), fault.Message));
            }
        }

        (All, Refused) = (all, refused);
    }

    public IReadOnlyList<Scenario> All { get; }

    public IReadOnlyList<RefusedFile> Refused { get; }
}
