namespace CoEPortal.Workflows.Drawing;

/// <summary>
/// The order in which one would tell somebody the workflow: nothing before what leads to it, and each branch to its end
/// before the next. A topological order, depth first; what cannot be reached comes last, in file order.
/// </summary>
internal static class ReadingOrder
{
    public static IReadOnlyList<Activity> Of(WorkflowDefinition definition)
    {
        var graph = definition.Graph;
        var waiting = definition.Root.Activities.ToDictionary(
            a => a.Id, a => graph.ForwardInbound(a.Id).Count, StringComparer.Ordinal);
        var told = new HashSet<string>(StringComparer.Ordinal);
        var order = new List<Activity>();
        var ready = new Stack<Activity>();
        if (graph.Start is { } start)
        {
            ready.Push(start);
        }

        while (ready.TryPop(out var activity))
        {
            told.Add(activity.Id);
            order.Add(activity);
            // Pushed backwards, so that the first branch of the file is told first.
            foreach (var connection in graph.Outbound(activity.Id).Reverse().Where(c => !graph.IsBackward(c)))
            {
                if (--waiting[connection.Target] == 0)
                {
                    ready.Push(definition.FindActivity(connection.Target)!);
                }
            }
        }

        order.AddRange(definition.Root.Activities.Where(a => !told.Contains(a.Id)));
        return order;
    }
}
