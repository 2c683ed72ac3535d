using System.Collections.Immutable;

namespace CoEPortal.Workflows;

/// <summary>
/// Which activity comes next. Source: Elsa's Flowchart in counter mode. Every activity counts its visits and every
/// connection counts its own, followed or not; comparing the two tells whether a merge has seen all its branches.
/// An activity that will not run any more is "skipped": its connections are visited as not followed.
/// </summary>
internal sealed partial class Burst
{
    private readonly Dictionary<string, int> _activityVisits;
    private readonly Dictionary<string, ConnectionVisits> _connectionVisits;

    private FlowGraph Graph => _definition.Graph;

    private void AfterCompletion(Activity activity, ImmutableArray<string> outcomes, bool overBackEdge)
    {
        if (activity.Type is ActivityTypes.End)
        {
            CompleteFlow();
        }
        else if (!Follow(activity, outcomes, overBackEdge))
        {
            CompleteFlowIfIdle();
        }
    }

    /// <summary>Visits the outbound connections, and those of all activities that are skipped on the way.</summary>
    /// <returns>True when something was scheduled.</returns>
    private bool Follow(Activity activity, ImmutableArray<string> outcomes, bool overBackEdge)
    {
        var scheduled = false;
        // A stack and not recursion: dead paths of a large file must not decide over the process.
        var pending = new Stack<(Connection Connection, bool IsFollowed)>();
        Leave(activity, outcomes, countVisit: !overBackEdge);
        while (pending.TryPop(out var next))
        {
            Visit(next.Connection, next.IsFollowed);
            var target = _definition.FindActivity(next.Connection.Target)!;
            if (Graph.IsBackward(next.Connection))
            {
                scheduled |= next.IsFollowed && GoBack(next.Connection, target);
                continue;
            }

            switch (Approach(next.Connection, target))
            {
                case Arrival.Runs:
                    Schedule(target);
                    scheduled = true;
                    break;
                case Arrival.RunsFirst:
                    Schedule(target);
                    scheduled = true;
                    WithdrawAncestors(target);
                    break;
                case Arrival.IsSkipped:
                    Leave(target, [], countVisit: true);
                    break;
            }
        }

        return scheduled;

        void Leave(Activity left, ImmutableArray<string> ports, bool countVisit)
        {
            if (countVisit)
            {
                _activityVisits[left.Id] = VisitsOf(left) + 1;
            }

            // Pushed backwards, so that the stack hands them out in file order.
            foreach (var connection in Graph.Outbound(left.Id).Reverse())
            {
                pending.Push((connection, ports.Contains(connection.SourcePort)));
            }
        }
    }

    private enum Arrival
    {
        Waits,
        Runs,

        /// <summary>Runs, and the branches that lost the race are withdrawn.</summary>
        RunsFirst,
        IsSkipped,
    }

    private Arrival Approach(Connection connection, Activity target)
    {
        var inbound = Graph.ForwardInbound(target.Id);
        var mode = target.Type is ActivityTypes.FlowJoin ? JoinModeOf(target) : JoinModes.WaitAllActive;
        switch (mode)
        {
            case JoinModes.WaitAny:
                if (VisitsOf(connection).Count <= VisitsOf(target) || _queue.Any(q => q.Activity == target))
                {
                    return Arrival.Waits;
                }

                return AnyFollowed(inbound, target) ? Arrival.RunsFirst
                    : AllVisited(inbound, target) ? Arrival.IsSkipped
                    : Arrival.Waits;
            case JoinModes.WaitAll:
                return !AllVisited(inbound, target) ? Arrival.Waits
                    : AllFollowed(inbound, target) ? Arrival.Runs
                    : Arrival.IsSkipped;
            default:
                return !AllVisited(inbound, target) ? Arrival.Waits
                    : AnyFollowed(inbound, target) ? Arrival.Runs
                    : Arrival.IsSkipped;
        }
    }

    private bool AllVisited(IReadOnlyList<Connection> inbound, Activity target) =>
        inbound.Min(c => VisitsOf(c).Count) > VisitsOf(target);

    private bool AnyFollowed(IReadOnlyList<Connection> inbound, Activity target)
    {
        var latest = inbound.Max(c => VisitsOf(c).Count);
        return latest > VisitsOf(target) && inbound.Any(c => VisitsOf(c) is { LastFollowed: true } visits && visits.Count == latest);
    }

    /// <summary>Equal counts, not only flags: a branch that looped more often than the others never joins them.</summary>
    private bool AllFollowed(IReadOnlyList<Connection> inbound, Activity target)
    {
        var latest = inbound.Max(c => VisitsOf(c).Count);
        return latest > VisitsOf(target) && inbound.All(c => VisitsOf(c) is { LastFollowed: true } visits && visits.Count == latest);
    }

    private bool GoBack(Connection connection, Activity target)
    {
        if (!Graph.Dominates(connection.Target, connection.Source))
        {
            throw new Expressions.ExpressionException(
                $"the back edge to '{connection.Target}' is not valid: '{connection.Source}' can be reached without passing it");
        }

        _queue.Enqueue(new Scheduled(target, OverBackEdge: true));
        return true;
    }

    private void Schedule(Activity activity) => _queue.Enqueue(new Scheduled(activity, OverBackEdge: false));

    /// <summary>Every FlowJoin withdraws what still runs before it, whatever its mode.</summary>
    private void WithdrawAncestors(Activity join)
    {
        foreach (var open in _open.Where(o => Graph.IsAncestor(o.ActivityId, join.Id)).ToList())
        {
            Withdraw(open);
        }
    }

    /// <summary>
    /// A withdrawn activity counts as completed without outcome, so that joins behind it see this branch as dead.
    /// Without that, the second round of a lane would wait for it.
    /// </summary>
    private void Withdraw(OpenActivity open)
    {
        if (!_open.Remove(open))
        {
            return;
        }

        if (open.IsFaulted)
        {
            _stalled.RemoveAll(s => s.ActivityId == open.ActivityId);
        }

        var activity = _definition.FindActivity(open.ActivityId)!;
        foreach (var bookmark in _bookmarks.Where(b => b.Id == open.Id).ToList())
        {
            Close(bookmark, CloseReason.Canceled);
        }

        Log(activity, ActivityEvent.Canceled);
        CompleteFlowIfIdle();
        Follow(activity, [], overBackEdge: false);
    }

    private void CompleteFlowIfIdle()
    {
        if (!_isExecuting && _queue.Count == 0 && _open.Count == 0)
        {
            CompleteFlow();
        }
    }

    private void CompleteFlow()
    {
        if (_flowCompleted)
        {
            return;
        }

        foreach (var open in _open.ToList())
        {
            Withdraw(open);
        }

        _flowCompleted = true;
        foreach (var queued in _queue)
        {
            queued.IsOrphaned = true;
        }
    }

    private void Visit(Connection connection, bool isFollowed) =>
        _connectionVisits[connection.Key] = new ConnectionVisits(VisitsOf(connection).Count + 1, isFollowed);

    private int VisitsOf(Activity activity) => _activityVisits.GetValueOrDefault(activity.Id);

    private ConnectionVisits VisitsOf(Connection connection) => _connectionVisits.GetValueOrDefault(connection.Key);
}
