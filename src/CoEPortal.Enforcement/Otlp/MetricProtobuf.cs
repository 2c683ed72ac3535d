namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Reads an ExportMetricsServiceRequest in protobuf; metrics that nobody asks for are passed over unread. Field numbers
/// are those of opentelemetry/proto/metrics/v1/metrics.proto.
/// </summary>
public static class MetricProtobuf
{
    /// <summary>The points of the metrics in <paramref name="wanted"/>, in wire order.</summary>
    /// <exception cref="OtlpFormatException">Malformed, or beyond a bound of <see cref="OtlpLimits"/>.</exception>
    public static List<OtlpMetricPoint> Read(ReadOnlySpan<byte> body, IReadOnlySet<string> wanted)
    {
        var points = new List<OtlpMetricPoint>();
        ProtobufEnvelope.Read(body, identified: true, (item, resource, scope) => ReadMetric(item, resource, scope, wanted, points));
        return points;
    }

    private static void ReadMetric(
        ReadOnlySpan<byte> message, OtlpAttributes resource, OtlpScope scope, IReadOnlySet<string> wanted, List<OtlpMetricPoint> points)
    {
        var metric = new OtlpMetric { Name = NameOf(message) };
        if (!wanted.Contains(metric.Name))
        {
            return;
        }
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            // gauge, sum, histogram, exponential histogram; a summary has no temporality and no place here
            if (fields.Field is 5 or 7 or 9 or 10)
            {
                metric.IsMonotonic = fields.Field is 9 or 10;
                ReadData(fields.Bytes(), fields.Field, metric, () => new OtlpMetricPoint
                {
                    Metric = metric,
                    Attributes = new OtlpAttributes(identified: true),
                    Resource = resource,
                    Scope = scope,
                }, points);
            }
        }
    }

    private static string NameOf(ReadOnlySpan<byte> metric)
    {
        var name = "";
        var fields = new ProtobufReader(metric);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                name = OtlpBounds.ShortText(fields.Bytes()) ?? "";
            }
        }
        return name;
    }

    private static void ReadData(
        ReadOnlySpan<byte> data, int kind, OtlpMetric metric, Func<OtlpMetricPoint> newPoint, List<OtlpMetricPoint> points)
    {
        var fields = new ProtobufReader(data);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    OtlpBounds.CheckRoomForItem(points.Count);
                    points.Add(ReadPoint(fields.Bytes(), kind, newPoint()));
                    break;
                case 2:
                    metric.Temporality = OtlpBounds.KnownTemporality(fields.Varint());
                    break;
                case 3 when kind == 7:
                    metric.IsMonotonic = fields.Varint() != 0;
                    break;
            }
        }
    }

    /// <summary>Every kind numbers start and time alike; numbers and the two kinds of histogram each have their own places for the rest.</summary>
    private static OtlpMetricPoint ReadPoint(ReadOnlySpan<byte> message, int kind, OtlpMetricPoint point)
    {
        var isNumber = kind is 5 or 7;
        var (attributes, flags) = kind switch { 9 => (9, 10), 10 => (1, 10), _ => (7, 8) };
        var seen = 0;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 2:
                    point.StartUnixNanos = fields.Fixed64();
                    break;
                case 3:
                    point.TimeUnixNanos = fields.Fixed64();
                    break;
                case 4 when isNumber:
                    point.Sum = BitConverter.UInt64BitsToDouble(fields.Fixed64());
                    break;
                case 6 when isNumber:
                    point.Sum = (long)fields.Fixed64();
                    break;
                case 4:
                    point.Count = fields.Fixed64();
                    break;
                case 5 when !isNumber:
                    point.Sum = BitConverter.UInt64BitsToDouble(fields.Fixed64());
                    break;
                case var field when field == attributes:
                    OtlpBounds.CountAttribute(ref seen);
                    ProtobufAttributes.Read(fields.Bytes(), point.Attributes);
                    break;
                case var field when field == flags:
                    point.HasNoValue = (fields.Varint() & OtlpMetricPoint.NoRecordedValue) != 0;
                    break;
            }
        }
        return point;
    }
}
