using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows;

/// <summary>
/// One node of the flowchart. A type we do not know is kept as it is: Elsa imports such files too and fails only
/// when the node is reached; <see cref="Lint"/> refuses them.
/// </summary>
public sealed class Activity
{
    internal Activity()
    {
    }

    public required string Id { get; init; }

    public required string? NodeId { get; init; }

    public required string? Name { get; init; }

    /// <summary>Type name, for example <c>Elsa.RunTask</c>.</summary>
    public required string Type { get; init; }

    public required int Version { get; init; }

    public required JsonElement CustomProperties { get; init; }

    public required JsonElement Metadata { get; init; }

    /// <summary>Inputs, outputs and raw properties as written, by name; nulls are left out.</summary>
    public required ImmutableSortedDictionary<string, JsonElement> Properties { get; init; }

    /// <summary>Inputs with their expressions parsed, by property name.</summary>
    internal ImmutableSortedDictionary<string, Slot> Slots { get; init; } = ImmutableSortedDictionary<string, Slot>.Empty;

    /// <summary>Cases of a FlowSwitch, in file order; empty for every other type.</summary>
    internal ImmutableArray<SwitchCase> Cases { get; init; } = [];

    /// <summary>False for a type outside the supported subset.</summary>
    public bool IsKnown => ActivityTypes.Find(Type) is not null;

    /// <summary>Position in <c>metadata.designer</c>, or null when the file was never drawn.</summary>
    public DesignerPosition? Position
    {
        get
        {
            if (Metadata.Member("designer")?.Member("position") is not { } position
                || position.Member("x")?.AsNumber() is not { } x
                || position.Member("y")?.AsNumber() is not { } y)
            {
                return null;
            }

            var size = Metadata.Member("designer")?.Member("size");
            return new DesignerPosition(x, y, size?.Member("width")?.AsNumber(), size?.Member("height")?.AsNumber());
        }
    }

    /// <summary>What to call the node in a drawing or a step list.</summary>
    public string DisplayText => Metadata.Member("displayText")?.AsText() ?? Name ?? Id;

    internal bool CanStartWorkflow =>
        (CustomProperties.Member("canStartWorkflow") ?? Properties.GetValueOrDefault("canStartWorkflow"))
            .ValueKind is JsonValueKind.True;

    internal bool Suspends => Type is ActivityTypes.RunTask or ActivityTypes.Event;

    internal Slot? FindSlot(string name) => Slots.GetValueOrDefault(name);

    /// <summary>Id of the variable an output is written to, or null.</summary>
    internal string? OutputVariableId(string output) =>
        Properties.GetValueOrDefault(output).Member("memoryReference")?.Member("id")?.AsText();

    /// <summary>Id of the variable a SetVariable writes, or null.</summary>
    internal string? AssignedVariableId => Properties.GetValueOrDefault("variable").Member("id")?.AsText();
}

/// <summary>An input of an activity: the declared type of the place and the expression that fills it.</summary>
internal sealed record Slot(string TypeName, Expression Expression);

/// <summary>A branch of a FlowSwitch: followed when its condition is true.</summary>
internal sealed record SwitchCase(string Label, Expression Condition);
