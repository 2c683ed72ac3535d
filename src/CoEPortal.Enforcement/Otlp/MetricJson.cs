namespace CoEPortal.Enforcement.Otlp;

/// <summary>Reads an ExportMetricsServiceRequest in OTLP/JSON; gives the same points as <see cref="MetricProtobuf"/>.</summary>
public static class MetricJson
{
    /// <summary>The points of the metrics in <paramref name="wanted"/>, in the order of the body.</summary>
    /// <exception cref="OtlpFormatException">Malformed, or beyond a bound of <see cref="OtlpLimits"/>.</exception>
    public static List<OtlpMetricPoint> Read(ReadOnlySpan<byte> body, IReadOnlySet<string> wanted)
    {
        var points = new List<OtlpMetricPoint>();
        JsonEnvelope.Read(body, JsonLevels.Metrics, identified: true, (ref OtlpJsonReader json, OtlpAttributes resource, OtlpScope scope) =>
        {
            // The name may follow the data: look for it first, and read the data only if the name turns out to matter.
            var ahead = json;
            var metric = new OtlpMetric { Name = NameOf(ref ahead) };
            if (wanted.Contains(metric.Name))
            {
                ReadMetric(ref json, metric, resource, scope, points);
            }
            else
            {
                json.Skip();
            }
        });
        return points;
    }

    private static string NameOf(ref OtlpJsonReader json)
    {
        var name = "";
        if (!json.BeginObject())
        {
            return name;
        }
        while (json.NextProperty())
        {
            if (json.Is("name"))
            {
                name = OtlpBounds.ShortText(json.TextUtf8()) ?? "";
            }
            else
            {
                json.Skip();
            }
        }
        return name;
    }

    private static void ReadMetric(
        ref OtlpJsonReader json, OtlpMetric metric, OtlpAttributes resource, OtlpScope scope, List<OtlpMetricPoint> points)
    {
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            var isHistogram = json.Is("histogram") || json.Is("exponentialHistogram");
            if ((isHistogram || json.Is("sum") || json.Is("gauge")) && json.BeginObject())
            {
                var isGauge = json.Is("gauge");
                metric.IsMonotonic = isHistogram;
                ReadData(ref json, metric, resource, scope, points);
                metric.IsMonotonic &= !isGauge;
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadData(
        ref OtlpJsonReader json, OtlpMetric metric, OtlpAttributes resource, OtlpScope scope, List<OtlpMetricPoint> points)
    {
        while (json.NextProperty())
        {
            if (json.Is("dataPoints") && json.BeginArray())
            {
                while (json.NextElement())
                {
                    OtlpBounds.CheckRoomForItem(points.Count);
                    var point = new OtlpMetricPoint { Metric = metric, Attributes = new OtlpAttributes(identified: true), Resource = resource, Scope = scope };
                    points.Add(point);
                    ReadPoint(ref json, point);
                }
            }
            else if (json.Is("aggregationTemporality"))
            {
                metric.Temporality = OtlpBounds.KnownTemporality(json.Enum());
            }
            else if (json.Is("isMonotonic"))
            {
                metric.IsMonotonic = json.IsTrue;
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadPoint(ref OtlpJsonReader json, OtlpMetricPoint point)
    {
        if (!json.BeginObject())
        {
            return;
        }
        while (json.NextProperty())
        {
            switch (json.Name)
            {
                case var _ when json.IsNull:
                    break;
                case var name when name.SequenceEqual("attributes"u8):
                    JsonAttributes.Read(ref json, point.Attributes);
                    break;
                case var name when name.SequenceEqual("startTimeUnixNano"u8):
                    point.StartUnixNanos = json.UInt64();
                    break;
                case var name when name.SequenceEqual("timeUnixNano"u8):
                    point.TimeUnixNanos = json.UInt64();
                    break;
                case var name when name.SequenceEqual("count"u8):
                    point.Count = json.UInt64();
                    break;
                case var name when name.SequenceEqual("sum"u8) || name.SequenceEqual("asDouble"u8):
                    point.Sum = json.Double();
                    break;
                case var name when name.SequenceEqual("asInt"u8):
                    point.Sum = json.Int64();
                    break;
                case var name when name.SequenceEqual("flags"u8):
                    point.HasNoValue = (json.Int64() & OtlpMetricPoint.NoRecordedValue) != 0;
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
    }
}
