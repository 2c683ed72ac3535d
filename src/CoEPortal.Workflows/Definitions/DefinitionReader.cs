using System.Collections.Immutable;
using System.Text.Json;

namespace CoEPortal.Workflows;

/// <summary>Reads the envelope of a definition; DefinitionReader.Flowchart.cs reads what is inside.</summary>
internal sealed partial class DefinitionReader(string file)
{
    public WorkflowDefinition Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > DefinitionJson.MaxBytes)
        {
            throw Refused("file-too-large", $"The file has {utf8.Length} bytes; at most {DefinitionJson.MaxBytes} are read. Split the workflow.");
        }

        var json = Parse(utf8);
        if (JsonElements.FindUnusableText(json) is { } reason)
        {
            throw Refused("not-unicode", $"The file cannot be kept: {reason}. Write the character as it is, or remove it.");
        }

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
            Inputs = Declarations(json, "inputs", ReadInput, i => i.Name),
            Outputs = Declarations(json, "outputs", ReadOutput, o => o.Name),
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
        catch (InvalidOperationException cause)
        {
            throw Refused("not-unicode", "The name of a member is not valid Unicode. Write the character as it is, or remove it.", cause: cause);
        }
        catch (JsonException cause)
        {
            throw Refused("not-json", $"The file is not valid JSON, or nests deeper than {DefinitionJson.MaxDepth}: {cause.Message}", cause: cause);
        }
    }

    private ImmutableArray<VariableDefinition> ReadVariables(JsonElement json)
    {
        var variables = Declarations(json, "variables", ReadVariable, v => v.Name);
        if (FirstRepeated(variables.Select(v => v.Id)) is { } id)
        {
            throw Refused("variable-twice", $"Two variables have the id '{id}'. Give each its own.");
        }

        return variables;
    }

    private ImmutableArray<T> Declarations<T>(JsonElement json, string kind, Func<JsonElement, T> read, Func<T, string> nameOf)
    {
        ImmutableArray<T> declarations = [.. Objects(json, kind).Select(read)];
        if (declarations.Length > DefinitionJson.MaxDeclarations)
        {
            throw Refused($"too-many-{kind}", $"The file declares {declarations.Length} {kind}; at most {DefinitionJson.MaxDeclarations} are read.");
        }

        return FirstRepeated(declarations.Select(nameOf)) is { } name
            ? throw Refused($"{kind[..^1]}-twice", $"Two {kind} are called '{name}'. Rename one.")
            : declarations;
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
