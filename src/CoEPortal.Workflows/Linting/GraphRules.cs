using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows.Linting;

/// <summary>Merges and loops: the places where Elsa's counters do something else than the drawing suggests.</summary>
internal static class GraphRules
{
    public static IEnumerable<LintFinding> Check(WorkflowDefinition definition) =>
        definition.Root.Activities.SelectMany(a => CheckMerge(definition, a))
            .Concat(definition.Root.Activities.SelectMany(a => CheckBackEdges(definition, a)));

    private static IEnumerable<LintFinding> CheckMerge(WorkflowDefinition definition, Activity activity)
    {
        if (activity.Type is not ActivityTypes.FlowJoin)
        {
            if (definition.Graph.ForwardInbound(activity.Id).Count > 1)
            {
                yield return new("implicit-merge", activity.Id, "Several connections arrive here: it runs when any of them was followed, so an approval and a rejection would both go on. Put a FlowJoin before it.");
            }

            yield break;
        }

        switch (activity.FindSlot("mode")?.Expression)
        {
            case null:
                yield return new("join-mode-missing", activity.Id, "Without a mode the join waits for any branch: one signature would suffice. Say WaitAll or WaitAny.");
                break;
            case Expression.Literal literal when literal.Value.AsText() is JoinModes.WaitAll or JoinModes.WaitAny:
                break;
            case Expression.Literal literal when literal.Value.AsText() is JoinModes.WaitAllActive:
                yield return new("join-waitallactive", activity.Id, "WaitAllActive goes on when any branch was followed. Say WaitAll or WaitAny.");
                break;
            default:
                yield return new("join-mode-unknown", activity.Id, "The mode must be the literal WaitAll or WaitAny.");
                break;
        }
    }

    private static IEnumerable<LintFinding> CheckBackEdges(WorkflowDefinition definition, Activity source)
    {
        var graph = definition.Graph;
        if (!graph.IsReachable(source.Id))
        {
            yield break;
        }

        foreach (var connection in graph.Outbound(source.Id).Where(graph.IsBackward))
        {
            var target = definition.FindActivity(connection.Target)!;
            if (!graph.Dominates(target.Id, source.Id))
            {
                yield return new("back-edge-not-dominating", source.Id, $"The loop back to '{target.Id}' fails when followed, because '{source.Id}' can be reached without passing '{target.Id}'. Loop back to the fork instead.");
            }

            if (graph.HasForwardPath(target.Id, source.Id, id => !definition.FindActivity(id)!.Suspends))
            {
                yield return new("loop-without-task", source.Id, $"The loop back to '{target.Id}' can turn without anybody being asked. Put a task into it.");
            }
        }
    }
}
