using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows;

/// <summary>Reads the root flowchart: activities with their expressions, and connections in both written forms.</summary>
internal sealed partial class DefinitionReader
{
    /// <summary>Written around the inputs of an activity; everything else is an input, an output or a raw property.</summary>
    private static readonly ImmutableHashSet<string> ActivityEnvelope =
        ["id", "nodeId", "name", "type", "version", "customProperties", "metadata"];

    private Flowchart ReadRoot(JsonElement json)
    {
        if (json.Member("root") is not { } root || Text(root, "type") is not ActivityTypes.Flowchart)
        {
            throw Refused("root-not-flowchart", $"'root' must be an activity of type {ActivityTypes.Flowchart}.");
        }

        var activities = Objects(root, "activities").ToList();
        if (activities.Count > DefinitionJson.MaxActivities)
        {
            throw Refused("too-many-activities", $"The flowchart has {activities.Count} activities; at most {DefinitionJson.MaxActivities} are read.");
        }

        var connections = Objects(root, "connections").ToList();
        if (connections.Count > DefinitionJson.MaxConnections)
        {
            throw Refused("too-many-connections", $"The flowchart has {connections.Count} connections; at most {DefinitionJson.MaxConnections} are read.");
        }

        var read = activities.Select(ReadActivity).ToImmutableArray();
        if (FirstRepeated(read.Select(a => a.Id)) is { } id)
        {
            throw Refused("activity-twice", "Two activities have this id. Give each its own.", id);
        }

        return new Flowchart(
            Text(root, "id") ?? "flowchart",
            Text(root, "nodeId"),
            Text(root, "name"),
            Whole(root, "version", 1),
            read,
            [.. connections.Select(ReadConnection)],
            ObjectOrEmpty(root, "customProperties"),
            ObjectOrEmpty(root, "metadata"));
    }

    private Activity ReadActivity(JsonElement json)
    {
        var id = RequiredText(json, "id");
        var properties = json.EnumerateObject()
            .Where(p => !ActivityEnvelope.Contains(p.Name) && !p.Value.IsNull())
            .ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal);

        return new Activity
        {
            Id = id,
            NodeId = Text(json, "nodeId"),
            Name = Text(json, "name"),
            Type = Text(json, "type") ?? throw Refused("type-missing", "The activity has no 'type'.", id),
            Version = Whole(json, "version", 1),
            CustomProperties = ObjectOrEmpty(json, "customProperties"),
            Metadata = ObjectOrEmpty(json, "metadata"),
            Properties = properties,
            Slots = properties
                .Where(p => p.Value.Member("expression") is not null && p.Value.Member("typeName")?.AsText() is not null)
                .ToImmutableSortedDictionary(
                    p => p.Key,
                    p => new Slot(p.Value.Member("typeName")!.Value.GetString()!, Expression.Read(p.Value.Member("expression")!.Value)),
                    StringComparer.Ordinal),
            Cases = ReadCases(id, properties.GetValueOrDefault("cases")),
        };
    }

    private ImmutableArray<SwitchCase> ReadCases(string activityId, JsonElement cases) =>
        cases.ValueKind is not JsonValueKind.Array
            ? []
            : [.. cases.EnumerateArray().Select(c => new SwitchCase(
                c.Member("label")?.AsText() ?? throw Refused("case-label-missing", "A case has no 'label'.", activityId),
                Expression.Read(c.Member("condition") ?? JsonElements.Null)))];

    private Connection ReadConnection(JsonElement json)
    {
        var vertices = json.Member("vertices") is { ValueKind: JsonValueKind.Array } drawn && drawn.GetArrayLength() > 0
            ? drawn
            : (JsonElement?)null;

        // Files of Elsa 3.0 name both ends directly; later ones nest {activity, port}.
        return json.Member("source") is { ValueKind: JsonValueKind.Object } source
            && json.Member("target") is { ValueKind: JsonValueKind.Object } target
            ? new Connection(
                RequiredText(source, "activity"),
                Text(source, "port") ?? "Done",
                RequiredText(target, "activity"),
                Text(target, "port") ?? "In",
                vertices)
            : new Connection(
                RequiredText(json, "source"),
                Text(json, "sourcePort") ?? "Done",
                RequiredText(json, "target"),
                Text(json, "targetPort") ?? "In",
                vertices);
    }
}
