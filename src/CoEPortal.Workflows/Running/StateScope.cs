using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows;

/// <summary>What the expressions of a definition see of a settled state.</summary>
internal sealed class StateScope(WorkflowDefinition definition, WorkflowState state) : IEvaluationScope
{
    public JsonElement ReadVariableById(string id) => Read(definition.FindVariable(id), id);

    public JsonElement ReadVariableByName(string name) => Read(definition.FindVariableByName(name), name);

    public JsonElement ReadInput(string name) => state.Inputs.GetValueOrDefault(name, JsonElements.Null);

    /// <summary>The value of an activity's input as it would be now; null when it has none or cannot be evaluated.</summary>
    public JsonElement? Read(Activity activity, string input)
    {
        try
        {
            return activity.FindSlot(input) is { } slot ? new Evaluation(this).Evaluate(slot.Expression, slot.TypeName) : null;
        }
        catch (ExpressionException)
        {
            return null;
        }
    }

    private JsonElement Read(VariableDefinition? variable, string called) => variable is null
        ? throw new ExpressionException($"there is no variable '{called}'")
        : state.Variables.GetValueOrDefault(variable.Name, JsonElements.Null);
}
