using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoEPortal.Workflows;

/// <summary>The stored form of a state. jsonb reorders members, so reading never depends on their order.</summary>
internal static class WorkflowStateJson
{
    private const int Schema = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // A value may be as deep as JSON is allowed to be where it came from, and lies deeper here.
        MaxDepth = 256,
    };

    public static string Write(WorkflowState state) => JsonSerializer.Serialize(
        new Stored(
            Schema,
            state.DefinitionId,
            state.DefinitionVersion,
            state.Status,
            state.SubStatus,
            state.Name,
            state.CorrelationId,
            state.Variables,
            state.Outputs,
            state.Inputs,
            state.Bookmarks,
            state.FlowCompleted,
            state.Open,
            state.ActivityVisits,
            // A negative count is the shortest way to say "last visit not followed"; counts start at one.
            state.ConnectionVisits.ToImmutableSortedDictionary(
                p => p.Key, p => p.Value.LastFollowed ? p.Value.Count : -p.Value.Count, StringComparer.Ordinal),
            state.Openings,
            state.Stalled.IsEmpty ? null : state.Stalled),
        Options);

    public static WorkflowState Read(string json)
    {
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(json, Options);
            return stored is { Schema: Schema }
                ? Restore(stored)
                : throw new FormatException($"The workflow state is not of schema {Schema}. It was written by another version of the portal.");
        }
        catch (JsonException cause)
        {
            throw new FormatException($"The text is not a workflow state: {cause.Message}", cause);
        }
    }

    private static WorkflowState Restore(Stored stored) => new()
    {
        DefinitionId = stored.DefinitionId,
        DefinitionVersion = stored.DefinitionVersion,
        Status = stored.Status,
        SubStatus = stored.SubStatus,
        Name = stored.Name,
        CorrelationId = stored.CorrelationId,
        Variables = Ordinal(stored.Variables),
        Outputs = Ordinal(stored.Outputs),
        Inputs = Ordinal(stored.Inputs),
        Bookmarks = stored.Bookmarks,
        FlowCompleted = stored.FlowCompleted,
        Open = stored.Open,
        ActivityVisits = Ordinal(stored.ActivityVisits),
        ConnectionVisits = stored.ConnectionVisits.ToImmutableSortedDictionary(
            p => p.Key, p => new ConnectionVisits(Math.Abs(p.Value), p.Value > 0), StringComparer.Ordinal),
        Openings = Ordinal(stored.Openings),
        // A failed state without the list still says which activities failed.
        Stalled = stored.Stalled ?? [.. stored.Open.Where(o => o.IsFaulted).Select(o => new StalledActivity(o.ActivityId, false, false))],
    };

    private static ImmutableSortedDictionary<string, T> Ordinal<T>(IEnumerable<KeyValuePair<string, T>> values) =>
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, values);

    private sealed record Stored(
        int Schema,
        string DefinitionId,
        int DefinitionVersion,
        WorkflowStatus Status,
        WorkflowSubStatus SubStatus,
        string? Name,
        string? CorrelationId,
        ImmutableSortedDictionary<string, JsonElement> Variables,
        ImmutableSortedDictionary<string, JsonElement> Outputs,
        ImmutableSortedDictionary<string, JsonElement> Inputs,
        ImmutableArray<Bookmark> Bookmarks,
        bool FlowCompleted,
        ImmutableArray<OpenActivity> Open,
        ImmutableSortedDictionary<string, int> ActivityVisits,
        ImmutableSortedDictionary<string, int> ConnectionVisits,
        ImmutableSortedDictionary<string, int> Openings,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<StalledActivity>? Stalled = null);
}
