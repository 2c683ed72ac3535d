using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CoEPortal.Workflows;
using ActivityEvent = CoEPortal.Workflows.ActivityEvent;

namespace CoEPortal.Benchmarks;

/// <summary>What one thread of the interpreter does: activities per second, and how long lint takes on a large file.</summary>
internal static class WorkflowInterpreterSteps
{
    private const int Rounds = 5;

    private static readonly TimeSpan Each = TimeSpan.FromSeconds(1);

    /// <param name="Scripts">How many instances were played to their end in a second.</param>
    /// <param name="Steps">How many activities started in a second; median of the rounds.</param>
    internal sealed record Throughput(string Name, double Scripts, double Steps);

    /// <summary>Plays the corpus' longest chain (54 activities in one burst) and its widest fork (20 tasks), storing the state between two answers as a host does.</summary>
    /// <param name="corpus">The folder of the conformance corpus.</param>
    /// <returns>Empty where the corpus is not beside the repository.</returns>
    public static IReadOnlyList<Throughput> Measure(string corpus) =>
    [
        .. new[] { "js-operators", "wide-fork-20" }
            .Select(name => (name, path: Path.Combine(corpus, "definitions", name + ".json")))
            .Where(d => File.Exists(d.path))
            .Select(d => Measure(d.name, DefinitionJson.Read(File.ReadAllBytes(d.path), d.name))),
    ];

    /// <summary>Time to read and lint a file of 2,000 activities with 2^500 paths; median of the rounds.</summary>
    public static TimeSpan MeasureLint()
    {
        var file = Encoding.UTF8.GetBytes(Diamonds(500));
        return Median(() =>
        {
            var started = Stopwatch.GetTimestamp();
            if (Lint.Check(DefinitionJson.Read(file, "large.json")) is [var finding, ..])
            {
                throw new InvalidOperationException($"The large file does not lint: {finding}");
            }

            return Stopwatch.GetElapsedTime(started);
        });
    }

    private static Throughput Measure(string name, WorkflowDefinition definition)
    {
        Play(definition);
        var rounds = Enumerable.Range(0, Rounds).Select(_ =>
        {
            var (scripts, steps) = (0, 0);
            var started = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(started) < Each)
            {
                steps += Play(definition);
                scripts++;
            }

            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return (Scripts: scripts / seconds, Steps: steps / seconds);
        }).OrderBy(r => r.Steps).ToList();
        return new Throughput(name, rounds[Rounds / 2].Scripts, rounds[Rounds / 2].Steps);
    }

    /// <returns>How many activities started.</returns>
    private static int Play(WorkflowDefinition definition)
    {
        var transition = Interpreter.Start(definition, new Dictionary<string, JsonElement>());
        var steps = Started(transition);
        var answer = JsonSerializer.SerializeToElement(new { decision = "approve" });
        while (transition.State.Status is WorkflowStatus.Running && transition.State.Bookmarks is [var next, ..])
        {
            transition = Interpreter.Apply(definition, WorkflowState.FromJson(transition.State.ToJson()), next.Answered(answer));
            steps += Started(transition);
        }

        return steps;
    }

    private static int Started(Transition transition) =>
        transition.Effects.Count(e => e is Effect.ActivityLogged { Event: ActivityEvent.Started });

    private static T Median<T>(Func<T> measure) => Enumerable.Range(0, Rounds).Select(_ => measure()).Order().ElementAt(Rounds / 2);

    /// <summary>Decisions in a row, each with two ways that meet again.</summary>
    private static string Diamonds(int count)
    {
        List<string> activities = [Activity("start", "Start"), Activity("end", "End")];
        List<string> connections = [Connection("start", "Done", "d0")];
        for (var i = 0; i < count; i++)
        {
            activities.Add(Activity($"d{i}", "FlowDecision", """, "condition":{"typeName":"Boolean","expression":{"type":"JavaScript","value":"1 < 2"}}"""));
            activities.Add(Activity($"a{i}", "SetName"));
            activities.Add(Activity($"b{i}", "SetName"));
            activities.Add(Activity($"j{i}", "FlowJoin", """, "mode":{"typeName":"FlowJoinMode","expression":{"type":"Literal","value":"WaitAny"}}"""));
            connections.AddRange(
                Connection($"d{i}", "True", $"a{i}"), Connection($"d{i}", "False", $"b{i}"),
                Connection($"a{i}", "Done", $"j{i}"), Connection($"b{i}", "Done", $"j{i}"),
                Connection($"j{i}", "Done", i < count - 1 ? $"d{i + 1}" : "end"));
        }

        return $$"""{"definitionId":"large","root":{"type":"Elsa.Flowchart","activities":[{{string.Join(',', activities)}}],"connections":[{{string.Join(',', connections)}}] } }""";
    }

    private static string Activity(string id, string type, string more = "") => $$"""{"id":"{{id}}","type":"Elsa.{{type}}"{{more}}}""";

    private static string Connection(string source, string port, string target) => $$"""{"source":"{{source}}","sourcePort":"{{port}}","target":"{{target}}"}""";
}
