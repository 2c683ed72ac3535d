using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Drawing;
using CoEPortal.Workflows.Linting;

namespace CoEPortal.Workflows;

/// <summary>An input to ask for before a simulation starts.</summary>
/// <param name="Type">Elsa's alias, for example <c>Boolean</c>.</param>
/// <param name="Choices">
/// The values the workflow can tell apart, and one beside them; a single one when it makes no difference. A page may
/// offer any other value of the type.
/// </param>
/// <param name="Decides">True when a condition looks at it.</param>
public sealed record SimulatedInput(
    string Name, string Title, string? Description, string Type, ImmutableArray<JsonElement> Choices, bool Decides)
{
    internal static ImmutableArray<SimulatedInput> Of(WorkflowDefinition definition)
    {
        var alphabet = new AnswerAlphabet(definition);
        return
        [
            .. definition.Inputs.Select(i => (Input: i, Choices: alphabet.ValuesOf(i))).Select(i => new SimulatedInput(
                i.Input.Name, i.Input.DisplayName ?? Words.Of(i.Input.Name), i.Input.Description, i.Input.Type,
                [.. i.Choices], alphabet.IsCompared(i.Input))),
        ];
    }
}
