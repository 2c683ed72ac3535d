namespace CoEPortal.Workflows.Drawing;

/// <summary>What stands on a node.</summary>
internal static class Caption
{
    /// <summary>The author's display text; otherwise the id in words.</summary>
    public static string Title(Activity activity) =>
        activity.Metadata.Member("displayText")?.AsText() is { Length: > 0 } text ? text : Words.Of(activity.Name ?? activity.Id);

    public static string? Subtitle(Activity activity) => activity.Type switch
    {
        ActivityTypes.RunTask when ReviewPayload.Of(activity) is { } review => review.DueInWorkingDays is { } days
            ? $"{Words.Of(review.Function)}, {Words.WorkingDays(days)}"
            : Words.Of(review.Function),
        ActivityTypes.FlowJoin => JoinMode(activity) switch
        {
            JoinModes.WaitAll => "waits for all",
            JoinModes.WaitAllActive => "waits for all that run",
            _ => "the first one counts",
        },
        _ => null,
    };

    /// <summary>Elsa's rule when the file says nothing: any branch suffices.</summary>
    public static string JoinMode(Activity join) => LiteralText(join, "mode") ?? JoinModes.WaitAny;

    /// <summary>The text of an input that is written out in the file; null when it is computed.</summary>
    public static string? LiteralText(Activity activity, string input) =>
        (activity.FindSlot(input)?.Expression as Expressions.Expression.Literal)?.Value.AsText();

    public static NodeKind KindOf(Activity activity) => activity.Type switch
    {
        ActivityTypes.Start => NodeKind.Start,
        ActivityTypes.End or ActivityTypes.Finish => NodeKind.End,
        ActivityTypes.RunTask => NodeKind.Task,
        ActivityTypes.Event => NodeKind.Event,
        ActivityTypes.FlowDecision or ActivityTypes.FlowSwitch => NodeKind.Decision,
        ActivityTypes.FlowFork => NodeKind.Fork,
        ActivityTypes.FlowJoin => NodeKind.Join,
        _ => NodeKind.Step,
    };

    /// <summary>Steps that move values about and ask nobody.</summary>
    public static bool IsPlumbing(Activity activity) =>
        activity.Type is ActivityTypes.SetName or ActivityTypes.SetVariable or ActivityTypes.SetOutput or ActivityTypes.Correlate;

    /// <summary>The outcome with which a run arrives at an End: the last one written on the only way there, if it is fixed.</summary>
    public static string? Outcome(WorkflowDefinition definition, Activity end)
    {
        var current = end;
        while (definition.Graph.ForwardInbound(current.Id) is [var only])
        {
            current = definition.FindActivity(only.Source)!;
            if (current.Type is ActivityTypes.SetVariable
                && current.AssignedVariableId is { } id
                && definition.FindVariable(id)?.Name is LaneVocabulary.OutcomeVariable)
            {
                return LiteralText(current, "value");
            }
        }

        return null;
    }
}
