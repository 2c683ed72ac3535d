using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows;

/// <summary>
/// One run of an instance from a stimulus until nothing can proceed. Mutable inside, thrown away afterwards. This part
/// holds the queue, faults and the way back into a state; Burst.Flow.cs decides what comes next, Burst.Activities.cs
/// does what an activity does.
/// </summary>
internal sealed partial class Burst
{
    /// <summary>A loop without a task would never end; lint refuses it, this bound stops what was never linted.</summary>
    private const int MaxSteps = 20_000;

    private readonly WorkflowDefinition _definition;
    private readonly WorkflowState _before;
    private readonly Evaluation _evaluation;

    private readonly Queue<Scheduled> _queue = new();
    private readonly List<Effect> _effects = [];
    private readonly List<OpenActivity> _open;
    private readonly List<Bookmark> _bookmarks;
    private readonly List<StalledActivity> _stalled;
    private readonly Dictionary<string, JsonElement> _variables;
    private readonly Dictionary<string, JsonElement> _inputs;
    private readonly Dictionary<string, JsonElement> _outputs;
    private readonly Dictionary<string, int> _openings;

    private string? _name;
    private string? _correlationId;
    private bool _flowCompleted;
    private bool _isExecuting;
    private WorkflowSubStatus? _ending;

    private Burst(WorkflowDefinition definition, WorkflowState before, IEnumerable<KeyValuePair<string, JsonElement>> inputs)
    {
        _definition = definition;
        _before = before;
        _evaluation = new Evaluation(new Scope(this));
        _open = [.. before.Open];
        _bookmarks = [.. before.Bookmarks];
        _stalled = [.. before.Stalled];
        _variables = new(before.Variables, StringComparer.Ordinal);
        _inputs = new(inputs, StringComparer.Ordinal);
        _outputs = new(before.Outputs, StringComparer.Ordinal);
        _openings = new(before.Openings, StringComparer.Ordinal);
        _activityVisits = new(before.ActivityVisits, StringComparer.Ordinal);
        _connectionVisits = new(before.ConnectionVisits, StringComparer.Ordinal);
        _name = before.Name;
        _correlationId = before.CorrelationId;
        _flowCompleted = before.FlowCompleted;
    }

    /// <param name="OverBackEdge">Reached over a backward connection; its visit is then not counted.</param>
    private sealed record Scheduled(Activity Activity, bool OverBackEdge)
    {
        /// <summary>The flow completed while this waited in the queue: it still runs, but nothing follows it.</summary>
        public bool IsOrphaned { get; set; }
    }

    public static Burst New(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonElement> inputs) => new(
        definition,
        new WorkflowState
        {
            DefinitionId = definition.DefinitionId,
            DefinitionVersion = definition.Version,
            Status = WorkflowStatus.Running,
            SubStatus = WorkflowSubStatus.Suspended,
            Variables = definition.Variables.ToImmutableSortedDictionary(v => v.Name, DefaultOf, StringComparer.Ordinal),
        },
        inputs);

    public static Burst Continue(WorkflowDefinition definition, WorkflowState state) => new(definition, state, state.Inputs);

    public void Start()
    {
        if (_definition.Graph.Start is { } start)
        {
            _queue.Enqueue(new Scheduled(start, OverBackEdge: false));
            Drain();
        }
        else
        {
            CompleteFlow();
        }
    }

    public void Resume(Bookmark bookmark, JsonElement result)
    {
        var activity = _definition.FindActivity(bookmark.ActivityId)!;
        _open.RemoveAll(o => o.Id == bookmark.Id);
        Close(bookmark, CloseReason.Completed);
        Log(activity, ActivityEvent.Resumed);
        Advance(
            activity,
            isOrphaned: _flowCompleted,
            // The mark of a back edge does not outlive a suspension: a task re-entered directly is counted as a visit.
            overBackEdge: false,
            () =>
            {
                WriteOutput(activity, "result", result);
                return Done;
            });
        Drain();
    }

    /// <summary>Runs what failed, then what the failure kept from running.</summary>
    public void Retry()
    {
        _open.RemoveAll(o => o.IsFaulted);
        foreach (var stalled in _stalled)
        {
            _queue.Enqueue(new Scheduled(_definition.FindActivity(stalled.ActivityId)!, stalled.OverBackEdge) { IsOrphaned = stalled.IsOrphaned });
        }

        _stalled.Clear();
        Drain();
    }

    /// <summary>The state to store. Null over a default value lasts only until here: then the default is back.</summary>
    public Transition Settle()
    {
        var subStatus = _ending ?? (_flowCompleted && _open.Count == 0 ? WorkflowSubStatus.Finished : WorkflowSubStatus.Suspended);
        var state = _before with
        {
            Status = subStatus is WorkflowSubStatus.Suspended ? WorkflowStatus.Running : WorkflowStatus.Finished,
            SubStatus = subStatus,
            Name = _name,
            CorrelationId = _correlationId,
            Variables = _definition.Variables.ToImmutableSortedDictionary(
                v => v.Name, v => _variables[v.Name].IsNull() ? DefaultOf(v) : _variables[v.Name], StringComparer.Ordinal),
            Outputs = _outputs.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Inputs = _definition.Inputs
                .Where(i => i.StorageDriver is not null && _inputs.ContainsKey(i.Name))
                .ToImmutableSortedDictionary(i => i.Name, i => _inputs[i.Name], StringComparer.Ordinal),
            Bookmarks = [.. _bookmarks],
            FlowCompleted = _flowCompleted,
            Open = [.. _open],
            Stalled = [.. _stalled, .. _queue.Select(q => new StalledActivity(q.Activity.Id, q.OverBackEdge, q.IsOrphaned))],
            ActivityVisits = _activityVisits.ToImmutableSortedDictionary(StringComparer.Ordinal),
            ConnectionVisits = _connectionVisits.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Openings = _openings.ToImmutableSortedDictionary(StringComparer.Ordinal),
        };

        if (state.Status is WorkflowStatus.Finished)
        {
            _effects.Add(new Effect.Finished(state.Status, state.SubStatus));
        }

        return new Transition(state, [.. _effects], Matched: true);
    }

    /// <summary>First in, first out: branches advance breadth first. A fault of the whole instance stops the burst.</summary>
    private void Drain()
    {
        for (var steps = 0; _ending is null && _queue.TryDequeue(out var next); steps++)
        {
            Log(next.Activity, ActivityEvent.Started);
            Advance(next.Activity, next.IsOrphaned, next.OverBackEdge, () => steps < MaxSteps
                ? Perform(next.Activity)
                : throw new ExpressionException($"more than {MaxSteps} activities ran without waiting for anybody; the workflow loops"));
        }
    }

    private void Advance(Activity activity, bool isOrphaned, bool overBackEdge, Func<ImmutableArray<string>?> perform)
    {
        try
        {
            _isExecuting = true;
            var outcomes = perform();
            _isExecuting = false;
            if (outcomes is { } followed)
            {
                Log(activity, ActivityEvent.Completed);
                if (!isOrphaned)
                {
                    AfterCompletion(activity, followed, overBackEdge);
                }
            }
        }
        catch (ExpressionException cause)
        {
            _isExecuting = false;
            Fault(activity, cause.Message);
            _stalled.Add(new StalledActivity(activity.Id, overBackEdge, isOrphaned));
        }
    }

    private void Fault(Activity activity, string message)
    {
        _open.Add(new OpenActivity(NextId(activity), activity.Id, IsFaulted: true));
        Log(activity, ActivityEvent.Faulted);
        _effects.Add(new Effect.IncidentRaised(activity.Id, activity.IsKnown ? activity.Type : ActivityTypes.NotFound, message));
        if (!_definition.ContinuesWithIncidents)
        {
            _ending = WorkflowSubStatus.Faulted;
        }
    }

    private void Suspend(Activity activity, BookmarkKind kind, string name, JsonElement? payload)
    {
        var bookmark = new Bookmark(NextId(activity), activity.Id, kind, name, payload);
        _bookmarks.Add(bookmark);
        _open.Add(new OpenActivity(bookmark.Id, activity.Id, IsFaulted: false));
        Log(activity, ActivityEvent.Suspended);
        _effects.Add(new Effect.BookmarkOpened(bookmark.Id, bookmark.ActivityId, kind, name, payload));
    }

    private void Close(Bookmark bookmark, CloseReason reason)
    {
        _bookmarks.Remove(bookmark);
        _effects.Add(new Effect.BookmarkClosed(bookmark.Id, bookmark.ActivityId, reason));
    }

    private string NextId(Activity activity)
    {
        var number = _openings[activity.Id] = _openings.GetValueOrDefault(activity.Id) + 1;
        return $"{activity.Id}#{number}";
    }

    private void Log(Activity activity, ActivityEvent happened) => _effects.Add(new Effect.ActivityLogged(activity.Id, happened));

    internal static JsonElement DefaultOf(VariableDefinition variable)
    {
        try
        {
            return TypedValue.Default(variable);
        }
        catch (ExpressionException)
        {
            // Lint names it (variable-default); Elsa starts such a variable as null.
            return JsonElements.Null;
        }
    }
}
