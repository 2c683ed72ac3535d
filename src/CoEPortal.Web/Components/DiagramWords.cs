using System.Globalization;
using CoEPortal.Workflows;

namespace CoEPortal.Web.Components;

/// <summary>What the drawing of a workflow says, in words and figures.</summary>
public static class DiagramWords
{
    public static State Of(ActivityProgress progress) => progress switch
    {
        ActivityProgress.Waiting => new("Waiting", "schedule", Tone.Accent),
        ActivityProgress.Done => new("Done", "check", Tone.Good),
        ActivityProgress.Withdrawn => new("Withdrawn", "undo", Tone.Neutral),
        ActivityProgress.Faulted => new("Failed", "error", Tone.Bad),
        _ => new("Not reached", "remove", Tone.Neutral),
    };

    /// <summary>"done", "waiting": the class of everything drawn for that state.</summary>
    public static string Css(ActivityProgress progress) => progress switch
    {
        ActivityProgress.Waiting => "waiting",
        ActivityProgress.Done => "done",
        ActivityProgress.Withdrawn => "withdrawn",
        ActivityProgress.Faulted => "faulted",
        _ => "not-reached",
    };

    /// <summary>An outcome as it is told: "approved", "changes requested".</summary>
    public static State OfOutcome(string? outcome) => outcome switch
    {
        "approved" => States.Approved,
        "changes-requested" => States.ChangesAsked,
        "vetoed" => States.Veto with { Word = "Vetoed" },
        null => States.NotRun with { Word = "No outcome" },
        "fails" => States.Fail with { Word = "Fails" },
        _ => States.NotRun with { Word = Sentence(outcome), Icon = "flag" },
    };

    public static string NameOf(WorkflowDefinition definition) => definition.Name ?? definition.DefinitionId;

    /// <summary>What somebody who sees the drawing knows after a look at it.</summary>
    public static string Conclusion(WorkflowDefinition definition, Diagram diagram, InstanceView? view, IReadOnlyDictionary<string, ActivityCaption> captions)
    {
        var name = $"{NameOf(definition)}, version {definition.Version}";
        if (view is null)
        {
            var asks = diagram.Nodes.Where(n => n.Kind is NodeKind.Task or NodeKind.Event).Select(n => n.Title).ToList();
            var ends = diagram.Nodes.Where(n => n.Kind is NodeKind.End).Select(n => OfOutcome(n.Outcome).Word.ToLowerInvariant()).Distinct().ToList();
            return $"{name}. {(asks.Count == 0 ? "Asks nobody" : $"Asks for {Listed(asks)}")}; ends {Listed(ends, "or")}. The steps below say the same.";
        }

        string[] told =
        [
            .. Told(ActivityProgress.Faulted, "Failed at"),
            .. Told(ActivityProgress.Waiting, "Waits for"),
            .. Ended(),
        ];
        return $"{name}. {(told.Length == 0 ? "Has ended" : string.Join("; ", told))}. The steps below say the same.";

        IEnumerable<string> Told(ActivityProgress progress, string verb)
        {
            var found = diagram.Nodes.Where(n => view[n.ActivityId].Progress == progress)
                .Select(n => captions.TryGetValue(n.ActivityId, out var caption) ? $"{n.Title} ({caption.Full})" : n.Title).ToList();
            return found.Count == 0 ? [] : [$"{verb} {Listed(found)}"];
        }

        IEnumerable<string> Ended() => diagram.Nodes
            .Where(n => n.Kind is NodeKind.End && view[n.ActivityId].Progress is ActivityProgress.Done)
            .Select(n => $"Ended {OfOutcome(n.Outcome).Word.ToLowerInvariant()}").Take(1);
    }

    /// <summary>changesRequested, change-request: "Changes requested", "Change request".</summary>
    public static string Sentence(string name)
    {
        var words = string.Concat(name.Select((c, i) => c is '-' or '_' ? " " : i > 0 && char.IsUpper(c) && char.IsLower(name[i - 1]) ? $" {char.ToLowerInvariant(c)}" : $"{c}"));
        return words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>CoeLead: "CoE lead".</summary>
    public static string Function(string name) => name is "CoeLead" ? "CoE lead" : Sentence(name);

    /// <summary>"a, b and c".</summary>
    public static string Listed(IReadOnlyList<string> parts, string last = "and") =>
        parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts.SkipLast(1))} {last} {parts[^1]}";

    /// <summary>A length for an attribute of SVG, whatever the culture.</summary>
    public static string F(double length) => length.ToString("0.##", CultureInfo.InvariantCulture);
}
