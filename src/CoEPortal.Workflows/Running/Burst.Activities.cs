using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows;

internal static class JoinModes
{
    public const string WaitAll = "WaitAll";
    public const string WaitAllActive = "WaitAllActive";
    public const string WaitAny = "WaitAny";
}

/// <summary>What each activity does when it runs.</summary>
internal sealed partial class Burst
{
    private static readonly ImmutableArray<string> Done = ["Done"];

    /// <returns>The outcomes, or null when the activity waits or has ended the instance.</returns>
    /// <exception cref="ExpressionException">The activity fails.</exception>
    private ImmutableArray<string>? Perform(Activity activity)
    {
        switch (activity.Type)
        {
            case ActivityTypes.Start or ActivityTypes.End:
                return Done;
            case ActivityTypes.Finish:
                EndInstance();
                return Done;
            case ActivityTypes.FlowFork:
                return Branches(activity);
            case ActivityTypes.FlowJoin:
                WithdrawAncestors(activity);
                return Done;
            case ActivityTypes.FlowDecision:
                return activity.FindSlot("condition") is { } condition && _evaluation.IsTrue(condition.Expression) ? ["True"] : ["False"];
            case ActivityTypes.FlowSwitch:
                return MatchingCases(activity);
            case ActivityTypes.SetVariable:
                WriteVariable(
                    activity.AssignedVariableId ?? throw new ExpressionException("the activity names no variable"),
                    Read(activity, "value"));
                return Done;
            case ActivityTypes.SetName:
                _name = ReadText(activity, "value");
                return Done;
            case ActivityTypes.Correlate:
                _correlationId = ReadText(activity, "correlationId");
                return Done;
            case ActivityTypes.SetOutput:
                _outputs[ReadText(activity, "outputName") ?? throw new ExpressionException("the output has no name")] = Read(activity, "outputValue");
                return Done;
            case ActivityTypes.RunTask:
                Suspend(activity, BookmarkKind.Task, ReadText(activity, "taskName") ?? "", NullIfAbsent(Read(activity, "payload")));
                return null;
            case ActivityTypes.Event:
                Suspend(activity, BookmarkKind.Event, ReadText(activity, "eventName") ?? "", payload: null);
                return null;
            case ActivityTypes.Fault:
                throw new ExpressionException(ReadText(activity, "message") ?? "the workflow raised a fault");
            default:
                throw new ExpressionException($"activities of type '{activity.Type}' are not supported");
        }
    }

    /// <summary>Finish drops the queue and every bookmark and, unlike End, writes no Canceled entries.</summary>
    private void EndInstance()
    {
        _queue.Clear();
        foreach (var bookmark in _bookmarks.ToList())
        {
            Close(bookmark, CloseReason.Canceled);
        }

        _open.Clear();
        _flowCompleted = true;
        _ending = WorkflowSubStatus.Finished;
    }

    private ImmutableArray<string> Branches(Activity fork)
    {
        var branches = Read(fork, "branches");
        return branches.ValueKind is JsonValueKind.Array && branches.GetArrayLength() > 0
            ? [.. branches.EnumerateArray().Select(b => b.AsText() ?? throw new ExpressionException("a branch name is not text"))]
            : Done;
    }

    private ImmutableArray<string> MatchingCases(Activity choice)
    {
        var matching = choice.Cases.Where(c => _evaluation.IsTrue(c.Condition)).Select(c => c.Label);
        if (ReadText(choice, "mode") is not "MatchAny")
        {
            matching = matching.Take(1);
        }

        ImmutableArray<string> labels = [.. matching];
        return labels.IsEmpty ? ["Default"] : labels;
    }

    /// <summary>Without a mode Elsa waits for any branch. One signature would suffice, so lint asks for an explicit mode.</summary>
    private string JoinModeOf(Activity join) => ReadText(join, "mode") ?? JoinModes.WaitAny;

    private JsonElement Read(Activity activity, string input) =>
        activity.FindSlot(input) is { } slot ? _evaluation.Evaluate(slot.Expression, slot.TypeName) : JsonElements.Null;

    private string? ReadText(Activity activity, string input) => TypedValue.Convert(Read(activity, input), "String").AsText();

    private static JsonElement? NullIfAbsent(JsonElement value) => value.IsNull() ? null : value;

    private void WriteOutput(Activity activity, string output, JsonElement value)
    {
        if (activity.OutputVariableId(output) is { } variableId)
        {
            WriteVariable(variableId, value);
        }
    }

    private void WriteVariable(string variableId, JsonElement value)
    {
        var variable = _definition.FindVariable(variableId)
            ?? throw new ExpressionException($"there is no variable with the id '{variableId}'");
        _variables[variable.Name] = TypedValue.Convert(value, variable.IsArray ? "Object" : variable.TypeName);
    }

    private sealed class Scope(Burst burst) : IEvaluationScope
    {
        public JsonElement ReadVariableById(string id) => Read(burst._definition.FindVariable(id), id);

        public JsonElement ReadVariableByName(string name) => Read(burst._definition.FindVariableByName(name), name);

        public JsonElement ReadInput(string name) =>
            burst._inputs.TryGetValue(name, out var value) && !value.IsNull() ? value : JsonElements.Null;

        private JsonElement Read(VariableDefinition? variable, string called) => variable is null
            ? throw new ExpressionException($"there is no variable '{called}'")
            : burst._variables[variable.Name];
    }
}
