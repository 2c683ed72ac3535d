using System.Globalization;
using System.Text.RegularExpressions;
using CoEPortal.Evidence;

namespace CoEPortal.Governance.Incidents;

/// <param name="Within">From the start of the runbook; null when it does not matter.</param>
public sealed record RunbookStepText(string Text, TimeSpan? Within);

/// <summary>What to do in a kind of incident: a Markdown file whose numbered list can be started as steps.</summary>
/// <param name="Name">Of the file, without its ending.</param>
/// <param name="Hash">Of the file as it was read.</param>
public sealed partial record Runbook(string Name, string Title, string About, IReadOnlyList<RunbookStepText> Steps, string Hash)
{
    private const int LongestFile = 100_000;
    private const int MostSteps = 60;
    private const int LongestStep = 1000;

    /// <summary>A heading, words about it, then numbered steps; <c>(within 15 minutes)</c> at the end of a step is its time.</summary>
    /// <exception cref="InvalidDataException">Says the line and what is wrong.</exception>
    public static Runbook Parse(string name, string markdown)
    {
        if (markdown.Length > LongestFile)
        {
            throw new InvalidDataException($"line 1: the file is longer than {LongestFile:N0} characters.");
        }

        var (title, about, steps) = ("", new List<string>(), new List<(string Text, int Line)>());
        var lines = markdown.ReplaceLineEndings("\n").Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.StartsWith("# ", StringComparison.Ordinal) && title.Length == 0)
            {
                title = line[2..].Trim();
            }
            else if (Numbered().Match(line) is { Success: true } match)
            {
                steps.Add((match.Groups[1].Value, i + 1));
            }
            else if (steps.Count > 0 && line.Length > 0 && char.IsWhiteSpace(lines[i][0]))
            {
                steps[^1] = (steps[^1].Text + " " + line, steps[^1].Line);
            }
            else if (steps.Count == 0 && line.Length > 0 && !line.StartsWith('#'))
            {
                about.Add(line);
            }
        }

        if (title.Length is 0 or > 200)
        {
            throw new InvalidDataException("line 1: begin with a heading, e.g. # Prompt injection, of at most 200 characters.");
        }

        if (steps.Count is 0 or > MostSteps)
        {
            throw new InvalidDataException($"line {(steps.Count == 0 ? 1 : steps[MostSteps].Line)}: a runbook has 1 to {MostSteps} numbered steps.");
        }

        if (steps.Find(s => s.Text.Length > LongestStep) is { Text: not null } longest)
        {
            throw new InvalidDataException($"line {longest.Line}: a step has at most {LongestStep} characters.");
        }

        return new Runbook(name, title, string.Join(' ', about), [.. steps.Select(s => StepOf(s.Text))], ContentHash.OfBytes(System.Text.Encoding.UTF8.GetBytes(markdown)).ToString());
    }

    private static RunbookStepText StepOf(string text)
    {
        var match = Time().Match(text);
        if (!match.Success)
        {
            return new RunbookStepText(text, null);
        }

        var count = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return new RunbookStepText(text[..match.Index].TrimEnd(), match.Groups[2].Value.StartsWith('m') ? TimeSpan.FromMinutes(count) : TimeSpan.FromHours(count));
    }

    [GeneratedRegex(@"^\d{1,3}\.\s+(\S.*)$")]
    private static partial Regex Numbered();

    [GeneratedRegex(@"\s*\(within (\d{1,4}) (minutes?|hours?)\)\.?$")]
    private static partial Regex Time();
}

/// <summary>Why a file of runbooks or messages is not offered.</summary>
public sealed record RefusedFile(string File, string Reason);

/// <summary>The runbooks of this installation (<c>templates/runbooks/*.md</c>), and the messages to affected people (<c>templates/runbooks/messages/*.md</c>), read once at the start.</summary>
public sealed class Runbooks
{
    private const int MostFiles = 100;

    public Runbooks(string folder)
    {
        var refused = new List<RefusedFile>();
        All = [.. Read(folder, Runbook.Parse, refused)];
        Messages = [.. Read(Path.Combine(folder, "messages"), MessageTemplate.Parse, refused)];
        Refused = refused;
    }

    public IReadOnlyList<Runbook> All { get; }

    public IReadOnlyList<MessageTemplate> Messages { get; }

    public IReadOnlyList<RefusedFile> Refused { get; }

    private static IEnumerable<T> Read<T>(string folder, Func<string, string, T> parse, List<RefusedFile> refused)
        where T : class
    {
        var files = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.md").Where(f => !Path.GetFileName(f).Equals("README.md", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        foreach (var file in files.Take(MostFiles))
        {
            T? read = null;
            try
            {
                read = parse(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file));
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                refused.Add(new RefusedFile(Path.GetFileName(file), fault.Message));
            }

            if (read is not null)
            {
                yield return read;
            }
        }
    }
}

/// <summary>A message to affected people: the heading is its subject, the rest its text, with places such as <c>{{useCases}}</c>.</summary>
public sealed record MessageTemplate(string Name, string Subject, string Body)
{
    /// <exception cref="InvalidDataException">Says the line and what is wrong.</exception>
    public static MessageTemplate Parse(string name, string markdown)
    {
        var text = markdown.ReplaceLineEndings("\n").TrimStart();
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (!text.StartsWith("# ", StringComparison.Ordinal) || end < 0 || end > IncidentMessage.SubjectLength || text.Length > IncidentMessage.BodyLength)
        {
            throw new InvalidDataException($"line 1: begin with a heading of at most {IncidentMessage.SubjectLength} characters, then the text, {IncidentMessage.BodyLength:N0} characters in all.");
        }

        var template = new MessageTemplate(name, text[2..end].Trim(), text[end..].Trim());
        return NotificationDraft.UnknownPlaces(template.Subject + template.Body) is [var unknown, ..]
            ? throw new InvalidDataException($"line 1: nothing fills the place {unknown}.")
            : template;
    }
}
