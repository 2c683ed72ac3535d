using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CoEPortal.Workflows;

internal sealed class DefinitionWriter
{
    private const string Schema = "https://elsaworkflows.io/schemas/workflow-definition/v3.0.0/schema.json";

    private readonly Utf8JsonWriter _json;

    private DefinitionWriter(Utf8JsonWriter json) => _json = json;

    public static byte[] Write(WorkflowDefinition definition)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            // The file is read in reviews, never placed inside HTML.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            new DefinitionWriter(json).WriteDefinition(definition);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteDefinition(WorkflowDefinition definition)
    {
        _json.WriteStartObject();
        _json.WriteString("$schema", Schema);
        _json.WriteString("id", definition.Id);
        _json.WriteString("definitionId", definition.DefinitionId);
        Text("tenantId", definition.TenantId);
        Text("name", definition.Name);
        Text("description", definition.Description);
        Text("createdAt", definition.CreatedAt);
        _json.WriteNumber("version", definition.Version);
        Text("toolVersion", definition.ToolVersion);
        Array("variables", definition.Variables, WriteVariable);
        Array("inputs", definition.Inputs, WriteInput);
        Array("outputs", definition.Outputs, WriteOutput);
        Array("outcomes", definition.Outcomes, _json.WriteStringValue);
        Free("customProperties", definition.CustomProperties);
        _json.WriteBoolean("isReadonly", definition.IsReadonly);
        _json.WriteBoolean("isSystem", definition.IsSystem);
        _json.WriteBoolean("isLatest", definition.IsLatest);
        _json.WriteBoolean("isPublished", definition.IsPublished);
        Free("options", definition.Options);
        _json.WritePropertyName("root");
        WriteRoot(definition.Root);
        _json.WriteEndObject();
    }

    private void WriteVariable(VariableDefinition variable)
    {
        _json.WriteStartObject();
        _json.WriteString("id", variable.Id);
        _json.WriteString("name", variable.Name);
        _json.WriteString("typeName", variable.TypeName);
        _json.WriteBoolean("isArray", variable.IsArray);
        if (variable.DefaultValue is { } value)
        {
            Free("value", value);
        }

        Text("storageDriverTypeName", variable.StorageDriver);
        _json.WriteEndObject();
    }

    private void WriteInput(InputDefinition input)
    {
        _json.WriteStartObject();
        Text("uiHint", input.UiHint);
        Text("storageDriverType", input.StorageDriver);
        _json.WriteString("type", input.Type);
        _json.WriteString("name", input.Name);
        Text("displayName", input.DisplayName);
        Text("description", input.Description);
        Text("category", input.Category);
        _json.WriteEndObject();
    }

    private void WriteOutput(OutputDefinition output)
    {
        _json.WriteStartObject();
        _json.WriteString("type", output.Type);
        _json.WriteString("name", output.Name);
        Text("displayName", output.DisplayName);
        Text("description", output.Description);
        Text("category", output.Category);
        _json.WriteEndObject();
    }

    private void WriteRoot(Flowchart root)
    {
        _json.WriteStartObject();
        _json.WriteString("id", root.Id);
        Text("nodeId", root.NodeId);
        Text("name", root.Name);
        _json.WriteString("type", ActivityTypes.Flowchart);
        _json.WriteNumber("version", root.Version);
        Free("customProperties", root.CustomProperties);
        Free("metadata", root.Metadata);
        Array("activities", root.Activities, WriteActivity);
        Array("connections", root.Connections, WriteConnection);
        _json.WriteEndObject();
    }

    private void WriteActivity(Activity activity)
    {
        _json.WriteStartObject();
        var order = ActivityTypes.Find(activity.Type)?.Properties ?? [];
        foreach (var (name, value) in activity.Properties.OrderBy(p => Rank(order.IndexOf(p.Key))).ThenBy(p => p.Key, StringComparer.Ordinal))
        {
            _json.WritePropertyName(name);
            WriteSlot(value);
        }

        _json.WriteString("id", activity.Id);
        Text("nodeId", activity.NodeId);
        Text("name", activity.Name);
        _json.WriteString("type", activity.Type);
        _json.WriteNumber("version", activity.Version);
        Free("customProperties", activity.CustomProperties);
        Free("metadata", activity.Metadata);
        _json.WriteEndObject();
    }

    private static int Rank(int index) => index < 0 ? int.MaxValue : index;

    /// <summary>An input starts with its type name, as Elsa writes it; anything else is a free object.</summary>
    private void WriteSlot(JsonElement value)
    {
        if (value.Member("typeName") is not { } typeName)
        {
            WriteFree(value);
            return;
        }

        _json.WriteStartObject();
        Free("typeName", typeName);
        foreach (var member in value.EnumerateObject().Where(m => m.Name != "typeName").OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            Free(member.Name, member.Value);
        }

        _json.WriteEndObject();
    }

    private void WriteConnection(Connection connection)
    {
        _json.WriteStartObject();
        WriteEndpoint("source", connection.Source, connection.SourcePort);
        WriteEndpoint("target", connection.Target, connection.TargetPort);
        _json.WritePropertyName("vertices");
        if (connection.Vertices is { } vertices)
        {
            WriteFree(vertices);
        }
        else
        {
            _json.WriteStartArray();
            _json.WriteEndArray();
        }

        _json.WriteEndObject();
    }

    private void WriteEndpoint(string name, string activity, string port)
    {
        _json.WriteStartObject(name);
        _json.WriteString("activity", activity);
        _json.WriteString("port", port);
        _json.WriteEndObject();
    }

    private void Text(string name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, value);
        }
    }

    private void Array<T>(string name, IEnumerable<T> items, Action<T> write)
    {
        _json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
        }

        _json.WriteEndArray();
    }

    private void Free(string name, JsonElement value)
    {
        _json.WritePropertyName(name);
        WriteFree(value);
    }

    private void WriteFree(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                _json.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    Free(member.Name, member.Value);
                }

                _json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                _json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    WriteFree(item);
                }

                _json.WriteEndArray();
                break;
            case JsonValueKind.String:
                // Escapes are normalised; the raw text of the file may spell one character in several ways.
                _json.WriteStringValue(value.GetString());
                break;
            default:
                value.WriteTo(_json);
                break;
        }
    }
}
