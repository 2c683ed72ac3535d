using System.Collections.Immutable;
using System.Text.Json;
using CoEPortal.Workflows.Expressions;

namespace CoEPortal.Workflows;

internal sealed class DefinitionReader(string file)
{
    /// <summary>Written around the inputs of an activity; everything else is an input, an output or a raw property.</summary>
    private static readonly ImmutableHashSet<string> ActivityEnvelope =
        ["id", "nodeId", "name", "type", "version", "customProperties", "metadata"];

    public WorkflowDefinition Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > DefinitionJson.MaxBytes)
        {
            throw Refused("file-too-large", $"The file has {utf8.Length} bytes; at most {DefinitionJson.MaxBytes} are read. Split the workflow.");
        }

        var json = Parse(utf8);
        if (json.ValueKind is not JsonValueKind.Object)
        {
            throw Refused("not-a-definition", "The file is not a JSON object. Export the workflow from Elsa Studio as JSON.");
        }

        return new WorkflowDefinition
        {
            DefinitionId = RequiredText(json, "definitionId"),
            Id = Text(json, "id") ?? RequiredText(json, "definitionId"),
            TenantId = Text(json, "tenantId"),
            Version = Whole(json, "version", 1),
            Name = Text(json, "name"),
            Description = Text(json, "description"),
            CreatedAt = Text(json, "createdAt"),
            ToolVersion = Text(json, "toolVersion"),
            Variables = ReadVariables(json),
            Inputs = [.. Objects(json, "inputs").Select(ReadInput)],
            Outputs = [.. Objects(json, "outputs").Select(ReadOutput)],
            Outcomes = [.. Array(json, "outcomes").Select(o => o.AsText() ?? throw Refused("outcome-not-text", "Every entry of 'outcomes' must be a string."))],
            CustomProperties = ObjectOrEmpty(json, "customProperties"),
            IsReadonly = Flag(json, "isReadonly"),
            IsSystem = Flag(json, "isSystem"),
            IsLatest = Flag(json, "isLatest"),
            IsPublished = Flag(json, "isPublished"),
            Options = ObjectOrEmpty(json, "options"),
            Root = ReadRoot(json),
        };
    }

    private JsonElement Parse(ReadOnlyMemory<byte> utf8)
    {
        // Two members of the same name: reviewer and runtime could see different ones.
        var options = new JsonDocumentOptions { MaxDepth = DefinitionJson.MaxDepth, AllowDuplicateProperties = false };
        try
        {
            using var document = JsonDocument.Parse(utf8, options);
            return document.RootElement.Clone();
        }
        catch (JsonException cause)
        {
            throw Refused("not-json", $"The file is not valid JSON, or nests deeper than {DefinitionJson.MaxDepth}: {cause.Message}", cause: cause);
        }
    }

    private ImmutableArray<VariableDefinition> ReadVariables(JsonElement json)
    {
        ImmutableArray<VariableDefinition> variables = [.. Objects(json, "variables").Select(ReadVariable)];
        if (FirstRepeated(variables.Select(v => v.Name)) is { } name)
        {
            throw Refused("variable-twice", $"Two variables are called '{name}'. Rename one.");
        }

        if (FirstRepeated(variables.Select(v => v.Id)) is { } id)
        {
            throw Refused("variable-twice", $"Two variables have the id '{id}'. Give each its own.");
        }

        return variables;
    }

    private VariableDefinition ReadVariable(JsonElement json)
    {
        var name = RequiredText(json, "name");
        return new VariableDefinition(
            Text(json, "id") ?? name,
            name,
            Text(json, "typeName") ?? "Object",
            Flag(json, "isArray"),
            json.Member("value") is { } value && !value.IsNull() ? value : null,
            Text(json, "storageDriverTypeName"));
    }

    private InputDefinition ReadInput(JsonElement json) => new(
        RequiredText(json, "name"),
        Text(json, "type") ?? "Object",
        Text(json, "storageDriverType"),
        Text(json, "uiHint"),
        Text(json, "displayName"),
        Text(json, "description"),
        Text(json, "category"));

    private OutputDefinition ReadOutput(JsonElement json) => new(
        RequiredText(json, "name"),
        Text(json, "type") ?? "Object",
        Text(json, "displayName"),
        Text(json, "description"),
        Text(json, "category"));

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

    private IEnumerable<JsonElement> Objects(JsonElement json, string name) =>
        Array(json, name).Select(e => e.ValueKind is JsonValueKind.Object
            ? e
            : throw Refused("not-an-object", $"Every entry of '{name}' must be an object."));

    private List<JsonElement> Array(JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.Array } array => [.. array.EnumerateArray()],
        null or { ValueKind: JsonValueKind.Null } => [],
        _ => throw Refused("not-an-array", $"'{name}' must be an array."),
    };

    private JsonElement ObjectOrEmpty(JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.Object } found => found,
        null or { ValueKind: JsonValueKind.Null } => JsonElements.EmptyObject,
        _ => throw Refused("not-an-object", $"'{name}' must be an object."),
    };

    private string? Text(JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        null or { ValueKind: JsonValueKind.Null } => null,
        _ => throw Refused("not-text", $"'{name}' must be a string."),
    };

    private string RequiredText(JsonElement json, string name) => Text(json, name) is { Length: > 0 } text
        ? text
        : throw Refused("property-missing", $"'{name}' is missing or empty.");

    private int Whole(JsonElement json, string name, int otherwise) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) => value,
        null or { ValueKind: JsonValueKind.Null } => otherwise,
        _ => throw Refused("not-a-number", $"'{name}' must be a whole number."),
    };

    private static bool Flag(JsonElement json, string name) => json.Member(name)?.ValueKind is JsonValueKind.True;

    private static string? FirstRepeated(IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return names.FirstOrDefault(name => !seen.Add(name));
    }

    private DefinitionException Refused(string rule, string message, string? activityId = null, Exception? cause = null) =>
        new(file, rule, message, activityId, cause);
}
