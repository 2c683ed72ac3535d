using System.Text.Json;

namespace CoEPortal.Workflows.Linting;

/// <summary>What the host and the people reading the file expect of an approval lane.</summary>
internal static class LaneRules
{
    public static IEnumerable<LintFinding> Check(WorkflowDefinition definition)
    {
        if (definition.Lane is null || definition.Purpose is null)
        {
            yield return new("lane-properties", null, "customProperties must hold 'lane' and 'purpose' as text.");
        }

        if (definition.CustomProperties.Member("requiredFunctions") is not { ValueKind: JsonValueKind.Array } required
            || required.GetArrayLength() != definition.RequiredFunctions.Length)
        {
            yield return new("lane-properties", null, "customProperties must hold 'requiredFunctions' as a list of function names; an empty list says that nobody has to be asked.");
        }

        if (definition.Variables.All(v => v.Name != LaneVocabulary.OutcomeVariable))
        {
            yield return new("outcome-missing", null, $"The lane declares no variable '{LaneVocabulary.OutcomeVariable}'.");
        }

        // A variable that starts with a value would make a run look decided before anybody decided.
        foreach (var preset in definition.Variables.Where(v => v.Name == LaneVocabulary.OutcomeVariable && v.DefaultValue?.AsText() is { Length: > 0 }))
        {
            yield return new("outcome-preset", null, $"The variable '{preset.Name}' must start empty.");
        }

        foreach (var activity in definition.Root.Activities.Where(a => a.Position is null))
        {
            yield return new("position-missing", activity.Id, "The designer position is missing; the lane cannot be drawn.");
        }
    }
}
