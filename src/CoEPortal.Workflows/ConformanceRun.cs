using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoEPortal.Workflows;

/// <summary>One instance being played through a script, with what has to be remembered across its steps.</summary>
internal sealed class ConformanceRun(WorkflowDefinition definition, JsonElement inputs)
{
    private readonly Dictionary<string, int> _started = new(StringComparer.Ordinal);
    private readonly List<string> _startedInOrder = [];
    private readonly List<string> _incidents = [];
    private Transition? _last;
    private int _steps;

    private WorkflowState State => _last!.State;

    public string Describe(JsonElement step, string difference) =>
        $"step {_steps} ({step.GetProperty("do").GetString()} {step.Member("activity")?.AsText()}): {difference}";

    /// <summary>Applies the stimulus of a step; the difference in <c>matched</c>, or null.</summary>
    public string? Take(JsonElement step)
    {
        _steps++;
        if (_last is not null)
        {
            // What a host does between two stimuli: store the state and read it back.
            _last = _last with { State = WorkflowState.FromJson(State.ToJson()) };
        }

        _last = step.GetProperty("do").GetString() switch
        {
            "start" => Interpreter.Start(definition, inputs.EnumerateObject().ToDictionary(i => i.Name, i => i.Value.Clone())),
            "complete" => Interpreter.Apply(definition, State, new Stimulus.CompleteTask(OpenBookmark(step), Value(step, "result"))),
            "event" => Interpreter.Apply(definition, State, new Stimulus.DeliverEvent(OpenBookmark(step), Value(step, "payload"))),
            _ => Interpreter.Apply(definition, State, new Stimulus.Cancel()),
        };
        Remember();

        var expected = (step.Member("expect") ?? step).Member("matched");
        return expected is { } matched && matched.GetBoolean() != _last.Matched ? $"matched is {_last.Matched}" : null;
    }

    public string? CompareSituation(JsonElement expect) =>
        Difference(expect, "status", State.Status.ToString())
        ?? Difference(expect, "subStatus", State.SubStatus.ToString())
        ?? Difference(expect, "name", State.Name)
        ?? Difference(expect, "correlationId", State.CorrelationId)
        ?? Difference("log", WithCanceledSorted(Log()), WithCanceledSorted(Texts(expect.GetProperty("log"))))
        ?? Difference(expect, "bookmarks", Bookmarks())
        ?? Difference(expect, "requested", Requests())
        ?? CompareTotals(expect);

    public string? CompareProgress(JsonElement step) =>
        Difference(step, "open", State.Bookmarks.Select(b => b.ActivityId).Distinct().Order(StringComparer.Ordinal))
        ?? Difference(step, "started", Activities(ActivityEvent.Started))
        ?? Difference(
            "canceled",
            Activities(ActivityEvent.Canceled).Order(StringComparer.Ordinal),
            step.Member("canceled") is { } canceled ? Texts(canceled) : []);

    public string? CompareFinal(JsonElement final) =>
        Difference(final, "status", State.Status.ToString())
        ?? Difference(final, "subStatus", State.SubStatus.ToString())
        ?? CompareTotals(final);

    private string? CompareTotals(JsonElement expect) =>
        Difference(expect, "variables", State.Variables)
        ?? Difference(expect, "outputs", State.Outputs)
        ?? Difference(expect, "executed", _startedInOrder.Select(a => new object[] { a, _started[a] }))
        ?? Difference("incidents", _incidents, expect.GetProperty("incidents").EnumerateArray().Select(i => i.GetProperty("activity").GetString()!));

    private void Remember()
    {
        foreach (var activity in Activities(ActivityEvent.Started))
        {
            if (!_started.TryAdd(activity, 1))
            {
                _started[activity]++;
            }
            else
            {
                _startedInOrder.Add(activity);
            }
        }

        _incidents.AddRange(_last!.Effects.OfType<Effect.IncidentRaised>().Select(i => i.ActivityId));
    }

    /// <summary>The script names activities; a bookmark that is not open gets an id that matches nothing.</summary>
    private string OpenBookmark(JsonElement step) =>
        State.Bookmarks.FirstOrDefault(b => b.ActivityId == step.GetProperty("activity").GetString())?.Id ?? "";

    private static JsonElement Value(JsonElement step, string name) => step.Member(name)?.Clone() ?? JsonElements.Null;

    private IEnumerable<string> Log() =>
        _last!.Effects.OfType<Effect.ActivityLogged>().Select(l => $"{l.ActivityId}:{l.Event}");

    private IEnumerable<string> Activities(ActivityEvent happened) =>
        _last!.Effects.OfType<Effect.ActivityLogged>().Where(l => l.Event == happened).Select(l => l.ActivityId);

    private IEnumerable<object> Bookmarks() => State.Bookmarks
        .OrderBy(b => b.ActivityId, StringComparer.Ordinal)
        .Select(b => new { activity = b.ActivityId, kind = b.Kind is BookmarkKind.Task ? "task" : "event", name = b.Name });

    private IEnumerable<object> Requests() => _last!.Effects
        .OfType<Effect.BookmarkOpened>()
        .Where(o => o.Kind is BookmarkKind.Task)
        .Select(o => new { activity = o.ActivityId, task = o.Name, payload = o.Payload });

    private static IEnumerable<string> Texts(JsonElement array) => array.EnumerateArray().Select(t => t.GetString()!);

    /// <summary>The order of neighbouring Canceled entries is not significant.</summary>
    private static List<string> WithCanceledSorted(IEnumerable<string> log)
    {
        var sorted = new List<string>();
        var canceled = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var entry in log)
        {
            if (entry.EndsWith(":Canceled", StringComparison.Ordinal))
            {
                canceled.Add(entry);
                continue;
            }

            sorted.AddRange(canceled);
            canceled.Clear();
            sorted.Add(entry);
        }

        sorted.AddRange(canceled);
        return sorted;
    }

    private static string? Difference(JsonElement expect, string field, object? actual) =>
        Difference(field, actual, expect.Member(field));

    private static string? Difference(string field, object? actual, object? expected)
    {
        var (was, wanted) = (JsonSerializer.SerializeToNode(actual), JsonSerializer.SerializeToNode(expected));
        return JsonNode.DeepEquals(was, wanted)
            ? null
            : $"{field} is {was?.ToJsonString() ?? "null"}, expected {wanted?.ToJsonString() ?? "null"}";
    }
}
