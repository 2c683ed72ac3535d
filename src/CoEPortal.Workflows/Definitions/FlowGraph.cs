using System.Collections;
using System.Collections.Concurrent;

namespace CoEPortal.Workflows;

/// <summary>
/// Forward and backward connections of a flowchart, as Elsa's counter mode sees them. Breadth first from the start,
/// an edge that would close a cycle is backward and all others are forward. Connections to unknown ids do not exist
/// here: Elsa drops them too, and lint names them.
/// </summary>
internal sealed class FlowGraph
{
    private readonly Dictionary<string, List<Connection>> _outbound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Connection>> _forwardInbound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _forwardTargets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _immediateDominator = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _depth = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _index;
    private readonly ConcurrentDictionary<string, BitArray> _ancestors = new(StringComparer.Ordinal);

    public FlowGraph(WorkflowDefinition definition)
    {
        _index = definition.Root.Activities.Index().ToDictionary(a => a.Item.Id, a => a.Index, StringComparer.Ordinal);
        foreach (var connection in definition.Root.Connections)
        {
            if (definition.FindActivity(connection.Source) is not null && definition.FindActivity(connection.Target) is not null)
            {
                Entry(_outbound, connection.Source).Add(connection);
            }
        }

        Start = FindStart(definition);
        if (Start is not null)
        {
            CollectForwardEdges();
            CollectForwardInbound();
            ComputeDominators();
        }
    }

    public Activity? Start { get; }

    public IReadOnlyList<Connection> Outbound(string activityId) => _outbound.GetValueOrDefault(activityId) ?? [];

    public IReadOnlyList<Connection> ForwardInbound(string activityId) => _forwardInbound.GetValueOrDefault(activityId) ?? [];

    public bool IsReachable(string activityId) => activityId == Start?.Id || _forwardInbound.ContainsKey(activityId);

    public bool IsBackward(Connection connection) => !IsForward(connection.Source, connection.Target);

    /// <summary>
    /// True when every forward path from the start to <paramref name="activityId"/> passes <paramref name="dominator"/>.
    /// Elsa lists all paths to decide that, which takes exponential time; dominators give the same answer.
    /// </summary>
    public bool Dominates(string dominator, string activityId)
    {
        for (var current = activityId; ; current = _immediateDominator[current])
        {
            if (current == dominator)
            {
                return true;
            }

            if (!_immediateDominator.TryGetValue(current, out var next) || next == current)
            {
                return false;
            }
        }
    }

    /// <summary>True when forward connections can lead from the one activity to the other.</summary>
    public bool IsAncestor(string ancestorId, string activityId) => _ancestors.GetOrAdd(activityId, CollectAncestors)[_index[ancestorId]];

    /// <summary>One bit for each activity: a set of names for every join of a large file would take all memory.</summary>
    private BitArray CollectAncestors(string activityId)
    {
        var ancestors = new BitArray(_index.Count);
        var queue = new Queue<string>([activityId]);
        while (queue.TryDequeue(out var current))
        {
            foreach (var connection in ForwardInbound(current))
            {
                if (!ancestors[_index[connection.Source]])
                {
                    ancestors[_index[connection.Source]] = true;
                    queue.Enqueue(connection.Source);
                }
            }
        }

        return ancestors;
    }

    /// <summary>True when forward edges lead from one activity to the other through activities that all pass the test.</summary>
    public bool HasForwardPath(string from, string to, Func<string, bool> through)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var stack = new Stack<string>([from]);
        while (stack.TryPop(out var current))
        {
            if (!through(current) || !seen.Add(current))
            {
                continue;
            }

            if (current == to)
            {
                return true;
            }

            foreach (var target in _forwardTargets.GetValueOrDefault(current) ?? [])
            {
                stack.Push(target);
            }
        }

        return false;
    }

    /// <summary>The order in which Elsa looks for a start when the workflow was not started by a trigger.</summary>
    private static Activity? FindStart(WorkflowDefinition definition)
    {
        var activities = definition.Root.Activities;
        var targets = definition.Root.Connections.Select(c => c.Target).ToHashSet(StringComparer.Ordinal);
        return activities.FirstOrDefault(a => a.Type is ActivityTypes.Start)
            ?? activities.FirstOrDefault(a => a.CanStartWorkflow)
            ?? activities.FirstOrDefault(a => !targets.Contains(a.Id))
            ?? activities.FirstOrDefault();
    }

    private void CollectForwardEdges()
    {
        var visited = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<string>([Start!.Id]);
        while (queue.TryDequeue(out var source))
        {
            visited.Add(source);
            foreach (var connection in Outbound(source))
            {
                if (IsForward(source, connection.Target) || HasForwardPath(connection.Target, source, _ => true))
                {
                    continue;
                }

                Entry(_forwardTargets, source).Add(connection.Target);
                if (!visited.Contains(connection.Target))
                {
                    queue.Enqueue(connection.Target);
                }
            }
        }
    }

    private bool IsForward(string source, string target) =>
        _forwardTargets.TryGetValue(source, out var targets) && targets.Contains(target);

    private void CollectForwardInbound()
    {
        foreach (var connection in _outbound.Values.SelectMany(c => c).Where(c => !IsBackward(c)))
        {
            Entry(_forwardInbound, connection.Target).Add(connection);
        }
    }

    /// <summary>Forward edges have no cycle, so one pass in topological order suffices (Cooper, Harvey, Kennedy 2001).</summary>
    private void ComputeDominators()
    {
        _immediateDominator[Start!.Id] = Start.Id;
        _depth[Start.Id] = 0;
        foreach (var activityId in TopologicalOrder().Where(id => id != Start.Id))
        {
            var dominator = ForwardInbound(activityId).Select(c => c.Source).Aggregate(CommonDominator);
            _immediateDominator[activityId] = dominator;
            _depth[activityId] = _depth[dominator] + 1;
        }
    }

    private string CommonDominator(string left, string right)
    {
        while (left != right)
        {
            if (_depth[left] >= _depth[right])
            {
                left = _immediateDominator[left];
            }
            else
            {
                right = _immediateDominator[right];
            }
        }

        return left;
    }

    private List<string> TopologicalOrder()
    {
        var waiting = _forwardInbound.ToDictionary(
            p => p.Key, p => p.Value.Select(c => c.Source).Distinct().Count(), StringComparer.Ordinal);
        var order = new List<string>();
        var ready = new Queue<string>([Start!.Id]);
        while (ready.TryDequeue(out var current))
        {
            order.Add(current);
            foreach (var target in _forwardTargets.GetValueOrDefault(current) ?? [])
            {
                if (--waiting[target] == 0)
                {
                    ready.Enqueue(target);
                }
            }
        }

        return order;
    }

    private static T Entry<T>(Dictionary<string, T> entries, string key)
        where T : new()
    {
        if (!entries.TryGetValue(key, out var entry))
        {
            entries[key] = entry = new T();
        }

        return entry;
    }
}
