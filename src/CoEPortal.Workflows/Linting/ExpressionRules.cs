using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows.Linting;

/// <summary>Expressions stay inside the subset, and what they read exists.</summary>
internal static class ExpressionRules
{
    public static IEnumerable<LintFinding> Check(WorkflowDefinition definition) =>
        definition.Root.Activities.Where(a => a.IsKnown).SelectMany(a => CheckActivity(definition, a));

    private static IEnumerable<LintFinding> CheckActivity(WorkflowDefinition definition, Activity activity)
    {
        foreach (var expression in ExpressionsOf(activity))
        {
            foreach (var finding in CheckExpression(definition, activity, expression))
            {
                yield return finding;
            }
        }

        foreach (var (name, slot) in activity.Slots.Where(s => TypedValue.IsStructured(s.Value.TypeName)))
        {
            if (slot.Expression is Expression.ObjectText text && JsonElements.TryParse(text.Json) is null)
            {
                yield return new("expression-not-json", activity.Id, $"The text of '{name}' must be JSON, with no member twice and at most {DefinitionJson.MaxDepth} levels.");
            }
        }

        var conditions = activity.Cases.Select(c => c.Condition).Concat(activity.FindSlot("condition") is { } condition ? [condition.Expression] : []);
        if (conditions.Any(c => !IsBoolean(definition, c)))
        {
            yield return new("condition-not-boolean", activity.Id, "A condition must be a comparison, a '!' or '!!(…)': what null or text become as a Boolean depends on the engine.");
        }

        foreach (var missing in RequiredInputs(activity).Where(name => activity.FindSlot(name) is null))
        {
            yield return new("property-missing", activity.Id, $"'{missing}' is missing.");
        }

        if (activity.Type is ActivityTypes.SetVariable && !Exists(activity.AssignedVariableId))
        {
            yield return new("expression-unknown-variable", activity.Id, "The variable to set is not declared.");
        }

        if (activity.Properties.ContainsKey("result") && !Exists(activity.OutputVariableId("result")))
        {
            yield return new("expression-unknown-variable", activity.Id, "The variable for the result is not declared.");
        }

        bool Exists(string? variableId) => variableId is not null && definition.FindVariable(variableId) is not null;
    }

    private static IEnumerable<LintFinding> CheckExpression(WorkflowDefinition definition, Activity activity, Expression expression)
    {
        switch (expression)
        {
            case Expression.Unsupported unsupported:
                yield return new("expression-unsupported", activity.Id, $"The expression cannot be used: {unsupported.Reason}.");
                break;
            case Expression.Variable variable when definition.FindVariable(variable.VariableId) is null:
                yield return new("expression-unknown-variable", activity.Id, $"There is no variable with the id '{variable.VariableId}'.");
                break;
            case Expression.Input input when !HasInput(input.Name):
                yield return new("expression-unknown-input", activity.Id, $"There is no input '{input.Name}'.");
                break;
            case Expression.JavaScript script:
                foreach (var node in script.Syntax.Descend())
                {
                    if (node is Syntax.VariableRead variable && definition.FindVariableByName(variable.Name) is null)
                    {
                        yield return new("expression-unknown-variable", activity.Id, $"There is no variable '{variable.Name}'.");
                    }
                    else if (node is Syntax.InputRead input && !HasInput(input.Name))
                    {
                        yield return new("expression-unknown-input", activity.Id, $"There is no input '{input.Name}'.");
                    }
                }

                break;
        }

        bool HasInput(string name) => definition.Inputs.Any(i => i.Name == name);
    }

    public static IEnumerable<Expression> ExpressionsOf(Activity activity) =>
        activity.Slots.Values.Select(s => s.Expression).Concat(activity.Cases.Select(c => c.Condition));

    private static string[] RequiredInputs(Activity activity) => activity.Type switch
    {
        ActivityTypes.FlowDecision => ["condition"],
        ActivityTypes.RunTask => ["taskName"],
        ActivityTypes.Event => ["eventName"],
        ActivityTypes.SetOutput => ["outputName"],
        _ => [],
    };

    private static bool IsBoolean(WorkflowDefinition definition, Expression condition) => condition switch
    {
        Expression.Literal literal => literal.Value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        Expression.Variable variable => definition.FindVariable(variable.VariableId)?.TypeName is "Boolean",
        Expression.Input input => definition.Inputs.Any(i => i.Name == input.Name && i.Type is "Boolean"),
        Expression.JavaScript script => IsBoolean(script.Syntax),
        _ => true,
    };

    private static bool IsBoolean(Syntax syntax) => syntax switch
    {
        Syntax.Constant constant => constant.Value is bool,
        Syntax.Unary unary => unary.Operator is "!",
        Syntax.Binary { Operator: "&&" or "||" } both => IsBoolean(both.Left) && IsBoolean(both.Right),
        Syntax.Binary binary => binary.Operator is not ("+" or "-"),
        Syntax.Conditional conditional => IsBoolean(conditional.WhenTrue) && IsBoolean(conditional.WhenFalse),
        _ => false,
    };
}
