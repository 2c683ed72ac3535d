using System.Text;

namespace CoEPortal.Workflows;

/// <summary>Elsa 3 workflow-definition JSON, in and out.</summary>
public static class DefinitionJson
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    public const int MaxActivities = 5_000;

    public const int MaxConnections = 20_000;

    /// <summary>Variables, inputs and outputs, each.</summary>
    public const int MaxDeclarations = 500;

    /// <summary>Longest JavaScript expression that is parsed, in characters.</summary>
    public const int MaxExpressionLength = 4_096;

    /// <summary>Deepest nesting of objects and arrays.</summary>
    public const int MaxDepth = 48;

    /// <summary>
    /// Reads a definition from UTF-8. Accepts what Elsa's import accepts, also what <see cref="Lint"/> refuses.
    /// </summary>
    /// <param name="file">Named in errors.</param>
    /// <exception cref="DefinitionException">Not JSON, not a workflow definition, or larger than the limits.</exception>
    public static WorkflowDefinition Read(ReadOnlyMemory<byte> utf8, string file) =>
        new DefinitionReader(file).Read(utf8);

    /// <inheritdoc cref="Read(ReadOnlyMemory{byte}, string)"/>
    public static WorkflowDefinition Read(string json, string file) => Read(Encoding.UTF8.GetBytes(json), file);

    /// <summary>
    /// The canonical bytes: properties in the order of Elsa's exporter, free objects sorted by name, nulls left out,
    /// two spaces, line feeds. Reading them and writing again gives the same bytes.
    /// </summary>
    public static byte[] Write(WorkflowDefinition definition) => DefinitionWriter.Write(definition);
}
