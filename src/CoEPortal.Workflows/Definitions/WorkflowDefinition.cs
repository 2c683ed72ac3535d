using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>
/// One version of a workflow as Elsa 3 stores it: an envelope around a single root flowchart.
/// Immutable; made by <see cref="DefinitionJson.Read(ReadOnlyMemory{byte}, string)"/>.
/// Source: Elsa 3.8 <c>WorkflowDefinitionModel</c>, schema v3.0.0.
/// </summary>
public sealed class WorkflowDefinition
{
    private readonly Lazy<FlowGraph> _graph;
    private readonly Lazy<string> _sha256;
    private readonly Lazy<ImmutableDictionary<string, Activity>> _activitiesById;

    internal WorkflowDefinition()
    {
        _graph = new Lazy<FlowGraph>(() => new FlowGraph(this));
        _sha256 = new Lazy<string>(() => Convert.ToHexStringLower(SHA256.HashData(DefinitionJson.Write(this))));
        _activitiesById = new Lazy<ImmutableDictionary<string, Activity>>(
            () => Root!.Activities.ToImmutableDictionary(a => a.Id, StringComparer.Ordinal));
    }

    /// <summary>Id of this version's row; differs from version to version.</summary>
    public required string Id { get; init; }

    /// <summary>The stable id all versions share.</summary>
    public required string DefinitionId { get; init; }

    public required int Version { get; init; }

    public required string? Name { get; init; }

    public required string? Description { get; init; }

    /// <summary>ISO 8601 text, kept as written so that a round trip does not touch it.</summary>
    public required string? CreatedAt { get; init; }

    public required string? ToolVersion { get; init; }

    public required string? TenantId { get; init; }

    public required ImmutableArray<VariableDefinition> Variables { get; init; }

    public required ImmutableArray<InputDefinition> Inputs { get; init; }

    public required ImmutableArray<OutputDefinition> Outputs { get; init; }

    public required ImmutableArray<string> Outcomes { get; init; }

    /// <summary>Free for the author; ours hold <c>lane</c>, <c>requiredFunctions</c> and <c>purpose</c>.</summary>
    public required JsonElement CustomProperties { get; init; }

    public required bool IsReadonly { get; init; }

    public required bool IsSystem { get; init; }

    public required bool IsLatest { get; init; }

    public required bool IsPublished { get; init; }

    /// <summary>The <c>options</c> object as written; always an object.</summary>
    public required JsonElement Options { get; init; }

    public required Flowchart Root { get; init; }

    /// <summary>Name of the approval lane, from <c>customProperties.lane</c>; null for any other workflow.</summary>
    public string? Lane => CustomProperties.Member("lane")?.AsText();

    /// <summary>What the lane is for, from <c>customProperties.purpose</c>.</summary>
    public string? Purpose => CustomProperties.Member("purpose")?.AsText();

    /// <summary>Functions that must approve in every round, from <c>customProperties.requiredFunctions</c>.</summary>
    public ImmutableArray<string> RequiredFunctions => CustomProperties.Member("requiredFunctions").Texts();

    /// <summary>True when a failing activity leaves the other branches running (<c>ContinueWithIncidentsStrategy</c>).</summary>
    public bool ContinuesWithIncidents =>
        Options.TryGetProperty("incidentStrategyType", out var strategy)
        && strategy.ValueKind is JsonValueKind.String
        && strategy.GetString()!.Contains("ContinueWithIncidents", StringComparison.Ordinal);

    /// <summary>SHA-256 of the canonical bytes of <see cref="DefinitionJson.Write"/>, in lower-case hexadecimal.</summary>
    public string Sha256 => _sha256.Value;

    internal FlowGraph Graph => _graph.Value;

    /// <summary>The activity with this id, or null.</summary>
    public Activity? FindActivity(string id) => _activitiesById.Value.GetValueOrDefault(id);

    internal VariableDefinition? FindVariable(string id) => Variables.FirstOrDefault(v => v.Id == id);

    /// <summary>
    /// The variable that JavaScript reaches as <c>getX()</c> or <c>variables.X</c>. Elsa capitalises the name after
    /// <c>get</c>, so <c>legal</c> is read by <c>getLegal()</c>.
    /// </summary>
    internal VariableDefinition? FindVariableByName(string name) =>
        Variables.FirstOrDefault(v => v.Name == name)
        ?? Variables.FirstOrDefault(v => v.Name.Length == name.Length
            && char.ToUpperInvariant(v.Name[0]) == name[0]
            && v.Name.AsSpan(1).SequenceEqual(name.AsSpan(1)));
}

/// <summary>The root flowchart: activities, the connections between them, and what Elsa stores with the container.</summary>
/// <param name="Connections">In file order, which is the order in which they are visited.</param>
public sealed record Flowchart(
    string Id,
    string? NodeId,
    string? Name,
    int Version,
    ImmutableArray<Activity> Activities,
    ImmutableArray<Connection> Connections,
    JsonElement CustomProperties,
    JsonElement Metadata);

/// <summary>An edge from a port of one activity to a port of another.</summary>
/// <param name="Vertices">Bend points of the drawn line, as written; null when the file has none.</param>
public sealed record Connection(
    string Source, string SourcePort, string Target, string TargetPort, JsonElement? Vertices)
{
    /// <summary>Key of the visit counters, in the spelling of Elsa's <c>FlowScope</c>.</summary>
    internal string Key { get; } = $"{Source}:{SourcePort}->{Target}:{TargetPort}";
}

/// <summary>A workflow variable. <see cref="DefaultValue"/> is text in the file, whatever the type; empty text means none.</summary>
public sealed record VariableDefinition(
    string Id, string Name, string TypeName, bool IsArray, JsonElement? DefaultValue, string? StorageDriver);

/// <summary>A value the host passes at the start. Without a storage driver it is gone after the first suspension.</summary>
public sealed record InputDefinition(
    string Name, string Type, string? StorageDriver, string? UiHint, string? DisplayName, string? Description, string? Category);

/// <summary>A value the workflow hands back.</summary>
public sealed record OutputDefinition(
    string Name, string Type, string? DisplayName, string? Description, string? Category);

/// <summary>Where the designer draws an activity, in its own pixels.</summary>
public sealed record DesignerPosition(double X, double Y, double? Width, double? Height);
