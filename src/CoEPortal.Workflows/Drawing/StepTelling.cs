using System.Collections.Immutable;

namespace CoEPortal.Workflows.Drawing;

/// <summary>Puts a workflow into sentences.</summary>
internal sealed class StepTelling
{
    private readonly WorkflowDefinition _definition;
    private readonly List<ImmutableArray<Activity>> _steps = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public StepTelling(WorkflowDefinition definition)
    {
        _definition = definition;
        foreach (var activity in ReadingOrder.Of(definition).Where(a => !_numbers.ContainsKey(a.Id)))
        {
            ImmutableArray<Activity> step = DecisionOn(activity) is { } decision ? [activity, decision] : [activity];
            _steps.Add(step);
            foreach (var part in step)
            {
                _numbers[part.Id] = _steps.Count;
            }
        }
    }

    public ImmutableArray<Step> Tell() =>
    [
        .. _steps.Select((step, index) => new Step(
            index + 1,
            [.. step.Select(a => a.Id)],
            Caption.KindOf(step[0]),
            Caption.Title(step[0]),
            Does(step[0]),
            [.. Outbound(step[^1]).Select(Way)])),
    ];

    /// <summary>The decision that looks at the task's answer and at nothing else: the only thing behind it, reached by nobody else.</summary>
    private Activity? DecisionOn(Activity task) =>
        task.Type is ActivityTypes.RunTask
        && Outbound(task) is [var only]
        && _definition.FindActivity(only.Target) is { Type: ActivityTypes.FlowSwitch or ActivityTypes.FlowDecision } decision
        && _definition.Root.Connections.Count(c => c.Target == decision.Id) == 1
            ? decision
            : null;

    private IReadOnlyList<Connection> Outbound(Activity activity) => _definition.Graph.Outbound(activity.Id);

    private StepWay Way(Connection connection)
    {
        var (source, target) = (_definition.FindActivity(connection.Source)!, _definition.FindActivity(connection.Target)!);
        return new StepWay(
            Words.OfPort(source, connection.SourcePort),
            target.Id,
            Caption.Title(target),
            _numbers[target.Id],
            _definition.Graph.IsReachable(source.Id) && _definition.Graph.IsBackward(connection));
    }

    private string Does(Activity activity) => activity.Type switch
    {
        ActivityTypes.Start => "The workflow starts",
        ActivityTypes.End when Caption.Outcome(_definition, activity) is { } outcome =>
            $"The workflow ends with the outcome {Words.InSentence(outcome)}; whatever is still open is withdrawn",
        ActivityTypes.End => $"{Caption.Title(activity)}: the workflow ends; whatever is still open is withdrawn",
        ActivityTypes.Finish => $"{Caption.Title(activity)}: the workflow ends at once and drops whatever is still open",
        ActivityTypes.FlowFork => $"{Caption.Title(activity)}: all of these begin at the same time",
        ActivityTypes.FlowJoin => $"{Caption.Title(activity)}: {Waits(activity)}",
        ActivityTypes.FlowDecision or ActivityTypes.FlowSwitch => Question(Caption.Title(activity)),
        ActivityTypes.RunTask when ReviewPayload.Of(activity) is { } review => Asks(activity, review),
        ActivityTypes.RunTask => $"{Caption.Title(activity)}: waits until somebody has done the task",
        ActivityTypes.Event => $"{Caption.Title(activity)}: waits for the event {Caption.LiteralText(activity, "eventName") ?? "it names"}",
        ActivityTypes.SetVariable => $"{Caption.Title(activity)}: {Sets(activity)}",
        ActivityTypes.SetOutput => $"{Caption.Title(activity)}: hands back {Caption.LiteralText(activity, "outputName") ?? "a value"}",
        ActivityTypes.SetName => $"{Caption.Title(activity)}: gives the case its name",
        ActivityTypes.Correlate => $"{Caption.Title(activity)}: gives the case the number it is known by elsewhere",
        ActivityTypes.Fault => $"{Caption.Title(activity)}: the workflow stops as failed",
        _ => $"{Caption.Title(activity)}: cannot be run, because {activity.Type} is not supported",
    };

    private static string Question(string title) => title.EndsWith('?') ? title : $"{title}: one of these ways is taken";

    private static string Asks(Activity task, ReviewPayload review)
    {
        var (title, function) = (Caption.Title(task), Words.Of(review.Function));
        var asked = title == $"{function} review" ? $"{function} decides" : $"{title}: {function} decides";
        if (review.DueInWorkingDays is not { } due)
        {
            return asked;
        }

        List<string> about = [];
        if (review.RemindBeforeWorkingDays is { } before and > 0)
        {
            about.Add($"is reminded {Words.WorkingDays(before)} before");
        }

        if (review.EscalateAfterWorkingDays is { } after)
        {
            about.Add($"the task is escalated {Words.WorkingDays(after)} after that");
        }

        return $"{asked} within {Words.WorkingDays(due)}{string.Concat(about.Select(a => $", {a}"))}";
    }

    private string Waits(Activity join)
    {
        var from = Words.List(
            [.. _definition.Graph.ForwardInbound(join.Id).Select(Arrival)], Caption.JoinMode(join) is JoinModes.WaitAll ? "and" : "or");
        return Caption.JoinMode(join) switch
        {
            JoinModes.WaitAll => $"goes on when everything has come: {from}",
            JoinModes.WaitAllActive => $"goes on when everything that still runs has come: {from}",
            _ => $"goes on with the first that comes and withdraws what is still open before it: {from}",
        };
    }

    private string Arrival(Connection connection)
    {
        var source = _definition.FindActivity(connection.Source)!;
        var port = Words.OfPort(source, connection.SourcePort);
        return $"{(port is null ? "" : port + " from ")}step {_numbers[source.Id]}";
    }

    private string Sets(Activity activity)
    {
        var variable = activity.AssignedVariableId is { } id && _definition.FindVariable(id) is { } found ? found.Name : "a variable";
        return Caption.LiteralText(activity, "value") is { Length: > 0 } value
            ? $"{Words.InSentence(variable)} is set to {value}"
            : $"{Words.InSentence(variable)} is set";
    }
}
