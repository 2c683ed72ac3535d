using System.Text;
using System.Text.Json.Nodes;

namespace CoEPortal.Tests.Enforcement.Otlp;

/// <summary>A span to be sent: a sound chat call unless told otherwise, in either encoding.</summary>
internal sealed record SpanDraft
{
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public string TraceId { get; init; } = "374d3412c6d4e1cbe86a20337ab60aa8";

    public string SpanId { get; init; } = "2a5037791400f63f";

    public string ParentSpanId { get; init; } = "71a1e0d19b0f9c12";

    public string Name { get; init; } = "chat gpt-4o-mini";

    public int Kind { get; init; } = 3;

    public ulong Start { get; init; } = Nanos(Now) + 123_456_789;

    public ulong End { get; init; } = Nanos(Now) + 2_123_456_789;

    public int StatusCode { get; init; }

    public string Scope { get; init; } = "@opentelemetry/instrumentation-openai";

    /// <summary>Values: string, long, double, bool, byte[], object[] for an array, Dictionary for a map.</summary>
    public Dictionary<string, object> Attributes { get; init; } = Chat();

    public Dictionary<string, object> Resource { get; init; } = new() { ["service.name"] = "claims-triage-bot" };

    public static ulong Nanos(DateTimeOffset at) => (ulong)(at - DateTimeOffset.UnixEpoch).Ticks * 100;

    public static Dictionary<string, object> Chat(params (string Name, object Value)[] more)
    {
        var attributes = new Dictionary<string, object>
        {
            ["gen_ai.operation.name"] = "chat",
            ["gen_ai.provider.name"] = "openai",
            ["gen_ai.request.model"] = "gpt-4o-mini",
        };
        foreach (var (name, value) in more)
        {
            attributes[name] = value;
        }
        return attributes;
    }

    public byte[] Protobuf() => Wire.Bytes(1,
        Wire.Bytes(1, Pairs(1, Resource)),
        Wire.Bytes(2, Wire.Bytes(1, Wire.Text(1, Scope)), Wire.Bytes(2, ProtobufSpan())));

    /// <summary>The Span message alone.</summary>
    public byte[] ProtobufSpan() =>
    [
        .. Wire.Bytes(1, Convert.FromHexString(TraceId)),
        .. Wire.Bytes(2, Convert.FromHexString(SpanId)),
        .. Wire.Bytes(4, Convert.FromHexString(ParentSpanId)),
        .. Wire.Text(5, Name),
        .. Wire.Varint(6, Kind),
        .. Wire.Fixed64(7, Start),
        .. Wire.Fixed64(8, End),
        .. Pairs(9, Attributes),
        .. Wire.Bytes(15, Wire.Text(2, "message"), Wire.Varint(3, StatusCode)),
    ];

    public byte[] Json() => Encoding.UTF8.GetBytes(JsonTree().ToJsonString());

    public JsonObject JsonTree() => new()
    {
        ["resourceSpans"] = new JsonArray(new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = Pairs(Resource) },
            ["scopeSpans"] = new JsonArray(new JsonObject
            {
                ["scope"] = new JsonObject { ["name"] = Scope },
                ["spans"] = new JsonArray(new JsonObject
                {
                    ["traceId"] = TraceId.ToUpperInvariant(),
                    ["spanId"] = SpanId,
                    ["parentSpanId"] = ParentSpanId,
                    ["name"] = Name,
                    ["kind"] = Kind,
                    ["startTimeUnixNano"] = $"{Start}",
                    ["endTimeUnixNano"] = $"{End}",
                    ["attributes"] = Pairs(Attributes),
                    ["status"] = new JsonObject { ["message"] = "message", ["code"] = StatusCode },
                }),
            }),
        }),
    };

    internal static byte[] Pairs(int field, Dictionary<string, object> pairs) =>
        [.. pairs.SelectMany(p => Wire.Bytes(field, Wire.Text(1, p.Key), Wire.Bytes(2, Value(p.Value))))];

    private static byte[] Value(object value) => value switch
    {
        string text => Wire.Text(1, text),
        bool flag => Wire.Varint(2, flag ? 1 : 0),
        long whole => Wire.Varint(3, whole),
        int whole => Wire.Varint(3, whole),
        double real => Wire.Fixed64(4, BitConverter.DoubleToUInt64Bits(real)),
        object[] items => Wire.Bytes(5, [.. items.Select(item => Wire.Bytes(1, Value(item)))]),
        Dictionary<string, object> map => Wire.Bytes(6, Pairs(1, map)),
        byte[] raw => Wire.Bytes(7, raw),
        _ => throw new ArgumentException($"AnyValue has no {value.GetType()}.", nameof(value)),
    };

    internal static JsonArray Pairs(Dictionary<string, object> pairs) =>
        new([.. pairs.Select(p => new JsonObject { ["key"] = p.Key, ["value"] = JsonValueOf(p.Value) })]);

    private static JsonObject JsonValueOf(object value) => value switch
    {
        string text => new() { ["stringValue"] = text },
        bool flag => new() { ["boolValue"] = flag },
        long whole => new() { ["intValue"] = $"{whole}" },
        int whole => new() { ["intValue"] = whole },
        double real when double.IsFinite(real) => new() { ["doubleValue"] = real },
        double real => new() { ["doubleValue"] = double.IsNaN(real) ? "NaN" : real > 0 ? "Infinity" : "-Infinity" },
        object[] items => new()
        {
            ["arrayValue"] = new JsonObject { ["values"] = new JsonArray([.. items.Select(JsonValueOf)]) },
        },
        Dictionary<string, object> map => new() { ["kvlistValue"] = new JsonObject { ["values"] = Pairs(map) } },
        byte[] raw => new() { ["bytesValue"] = Convert.ToBase64String(raw) },
        _ => throw new ArgumentException($"AnyValue has no {value.GetType()}.", nameof(value)),
    };
}
