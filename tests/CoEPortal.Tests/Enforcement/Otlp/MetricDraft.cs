using System.Text;
using System.Text.Json.Nodes;

namespace CoEPortal.Tests.Enforcement.Otlp;

/// <summary>A metric with one point to be sent, in either encoding.</summary>
internal sealed record MetricDraft
{
    public string Name { get; init; } = "gen_ai.client.token.usage";

    /// <summary>7 is a sum, 9 a histogram, 10 an exponential histogram, 5 a gauge.</summary>
    public int Kind { get; init; } = 9;

    public int Temporality { get; init; } = 2;

    public bool IsMonotonic { get; init; } = true;

    public ulong Start { get; init; } = SpanDraft.Nanos(SpanDraft.Now.AddMinutes(-5));

    public ulong Time { get; init; } = SpanDraft.Nanos(SpanDraft.Now);

    public ulong Count { get; init; } = 2;

    public double? Sum { get; init; } = 24;

    public long Flags { get; init; }

    public Dictionary<string, object> Attributes { get; init; } = new()
    {
        ["gen_ai.operation.name"] = "chat",
        ["gen_ai.provider.name"] = "openai",
        ["gen_ai.request.model"] = "gpt-4o-mini",
        ["gen_ai.token.type"] = "input",
        ["stream"] = true,
        ["server.port"] = 443L,
        ["weight"] = 0.5,
    };

    public Dictionary<string, object> Resource { get; init; } = new() { ["service.name"] = "claims-triage-bot", ["process.pid"] = 7L };

    public string Scope { get; init; } = "@opentelemetry/instrumentation-openai";

    public byte[] Protobuf() => Wire.Bytes(1,
        Wire.Bytes(1, SpanDraft.Pairs(1, Resource)),
        Wire.Bytes(2, Wire.Bytes(1, Wire.Text(1, Scope)), Wire.Bytes(2, Metric())));

    // The name comes last: on the wire it may.
    private byte[] Metric() =>
    [
        .. Wire.Bytes(Kind, Wire.Bytes(1, Kind is 5 or 7 ? Number() : Histogram()), Kind is 5 ? [] : Wire.Varint(2, Temporality), Kind is 7 ? Wire.Varint(3, IsMonotonic ? 1 : 0) : []),
        .. Wire.Text(1, Name),
    ];

    private byte[] Number() =>
    [
        .. Wire.Fixed64(2, Start), .. Wire.Fixed64(3, Time), .. Wire.Fixed64(4, BitConverter.DoubleToUInt64Bits(Sum ?? 0)),
        .. SpanDraft.Pairs(7, Attributes), .. Wire.Varint(8, Flags),
    ];

    private byte[] Histogram() =>
    [
        .. Wire.Fixed64(2, Start), .. Wire.Fixed64(3, Time), .. Wire.Fixed64(4, Count),
        .. Sum is { } sum ? Wire.Fixed64(5, BitConverter.DoubleToUInt64Bits(sum)) : [],
        .. SpanDraft.Pairs(Kind == 9 ? 9 : 1, Attributes), .. Wire.Varint(10, Flags),
    ];

    public byte[] Json() => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["resourceMetrics"] = new JsonArray(new JsonObject
        {
            ["scopeMetrics"] = new JsonArray(new JsonObject
            {
                ["metrics"] = new JsonArray(new JsonObject { [KindName] = Data(), ["name"] = Name }),
                ["scope"] = new JsonObject { ["name"] = Scope },
            }),
            ["resource"] = new JsonObject { ["attributes"] = SpanDraft.Pairs(Resource) },
        }),
    }.ToJsonString());

    private string KindName => Kind switch { 5 => "gauge", 7 => "sum", 9 => "histogram", _ => "exponentialHistogram" };

    private JsonObject Data()
    {
        var point = new JsonObject
        {
            ["startTimeUnixNano"] = $"{Start}",
            ["timeUnixNano"] = $"{Time}",
            ["flags"] = Flags,
            ["attributes"] = SpanDraft.Pairs(Attributes),
        };
        if (Sum is { } sum)
        {
            point[Kind is 5 or 7 ? "asDouble" : "sum"] = double.IsFinite(sum) ? sum : double.IsNaN(sum) ? "NaN" : "Infinity";
        }

        if (Kind is 9 or 10)
        {
            point["count"] = $"{Count}";
        }

        return new JsonObject { ["dataPoints"] = new JsonArray(point), ["aggregationTemporality"] = Temporality, ["isMonotonic"] = IsMonotonic };
    }
}
