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
                    points.Add(kind is 5 or 7 ? ReadNumber(fields.Bytes(), newPoint()) : ReadHistogram(fields.Bytes(), kind, newPoint()));
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

    private static OtlpMetricPoint ReadNumber(ReadOnlySpan<byte> message, OtlpMetricPoint point)
    {
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
                case 4:
                    point.Sum = BitConverter.UInt64BitsToDouble(fields.Fixed64());
                    break;
                case 6:
                    point.Sum = (long)fields.Fixed64();
                    break;
                case 7:
                    OtlpBounds.CountAttribute(ref seen);
                    ProtobufAttributes.Read(fields.Bytes(), point.Attributes);
                    break;
                case 8:
                    point.HasNoValue = (fields.Varint() & OtlpMetricPoint.NoRecordedValue) != 0;
                    break;
            }
        }
        return point;
    }

    /// <summary>Both kinds of histogram number time, count and sum alike, and attributes and flags not.</summary>
    private static OtlpMetricPoint ReadHistogram(ReadOnlySpan<byte> message, int kind, OtlpMetricPoint point)
    {
        var attributes = kind == 9 ? 9 : 1;
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
                case 4:
                    point.Count = fields.Fixed64();
                    break;
                case 5:
                    point.Sum = BitConverter.UInt64BitsToDouble(fields.Fixed64());
                    break;
                case 10:
                    point.HasNoValue = (fields.Varint() & OtlpMetricPoint.NoRecordedValue) != 0;
                    break;
                case var field when field == attributes:
                    OtlpBounds.CountAttribute(ref seen);
                    ProtobufAttributes.Read(fields.Bytes(), point.Attributes);
                    break;
            }
        }
        return point;
    }
}
