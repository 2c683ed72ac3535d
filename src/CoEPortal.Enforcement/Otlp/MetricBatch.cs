using System.Collections.Frozen;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// What one metrics request holds that can be counted: calls and failures (operation duration), tokens, cost. Points that
/// cannot be counted as sent are rejected one by one with a reason. Of <c>gen_ai.token.type</c> only input and output are
/// read: Envoy AI Gateway also sends their total. Metrics that say the same under other names (the proposed
/// <c>gen_ai.client.inference.usage.*</c>) are not read, or whoever sends both would be counted twice.
/// </summary>
public sealed record MetricBatch(IReadOnlyList<MetricPoint> Points, IReadOnlyList<string> Rejected)
{
    private const string Tokens = "gen_ai.client.token.usage";
    private const string ClientDuration = "gen_ai.client.operation.duration";
    private const string ServerDuration = "gen_ai.server.request.duration";
    private const string Cost = "gen_ai.usage.cost";
    private const double Highest = 1e12;

    private static readonly FrozenSet<string> Wanted = new[] { Tokens, ClientDuration, ServerDuration, Cost }.ToFrozenSet();

    private static readonly TimeSpan OldestPoint = TimeSpan.FromDays(30);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(24);

    /// <exception cref="OtlpFormatException">The body cannot be read at all.</exception>
    public static MetricBatch Read(OtlpBody body, DateTimeOffset now)
    {
        var points = new List<MetricPoint>();
        var rejected = new List<string>();
        foreach (var point in body.MediaType is OtlpMediaType.Protobuf ? MetricProtobuf.Read(body.Bytes, Wanted) : MetricJson.Read(body.Bytes, Wanted))
        {
            if (point.HasNoValue || MeasureOf(point) is not { } measure || GenAiNormaliser.OperationOf(point.Attributes) is not { } operation)
            {
                continue;
            }

            var attributes = new CheckedAttributes(point.Attributes);
            var of = SenderOf(point, operation, attributes);
            var fault = FaultOf(point, measure, now) ?? attributes.Fault;
            if (fault is not null)
            {
                rejected.Add(fault);
                continue;
            }

            points.Add(new MetricPoint
            {
                Series = point.Series,
                StartNanos = (long)point.StartUnixNanos,
                TimeNanos = (long)point.TimeUnixNanos,
                IsCumulative = point.Metric.Temporality is OtlpTemporality.Cumulative,
                Measure = measure,
                Count = (long)point.Count,
                Sum = (decimal)(point.Sum ?? 0),
                Of = of,
            });
        }

        return new MetricBatch(points, rejected);
    }

    /// <summary>One sentence for the sender, the most frequent reasons first; null when nothing was rejected.</summary>
    public string? DescribeRejections() => Rejections.InWords("Points", Rejected);

    /// <summary>Null for what is not counted.</summary>
    private static Measure? MeasureOf(OtlpMetricPoint point) => point.Metric.Name switch
    {
        Tokens => point.Attributes[CallAttribute.TokenType].Text switch { "input" => Measure.InputTokens, "output" => Measure.OutputTokens, _ => null },
        Cost => Measure.Cost,
        // Only Envoy sends the server's and not the client's; of a service with both, one of them has to be left out.
        ServerDuration when !GenAiNormaliser.IsGateway(point.Scope) => null,
        _ => point.Attributes[CallAttribute.ErrorType].Kind is OtlpValueKind.Absent ? Measure.Calls : Measure.FailedCalls,
    };

    private static string? FaultOf(OtlpMetricPoint point, Measure measure, DateTimeOffset now)
    {
        var needsSum = measure is not (Measure.Calls or Measure.FailedCalls);
        return point switch
        {
            { Metric.Temporality: OtlpTemporality.Unspecified } or { Metric.IsMonotonic: false } => "a gauge, or a sum that may fall, cannot be added up",
            { StartUnixNanos: 0 } or { TimeUnixNanos: 0 } => "start or time is missing, so it cannot be counted once",
            _ when point.StartUnixNanos > point.TimeUnixNanos => "ends before it starts",
            _ when point.At > now + ClockTolerance => "time is more than 24 hours ahead of our clock",
            _ when point.At < now - OldestPoint => "time is more than 30 days ago",
            _ when (point.Sum is { } sum ? !(sum is >= 0 and < Highest) : needsSum) => "the sum is not a number that can be counted",
            _ when point.Count > Highest => "the count is not a number that can be counted",
            _ => null,
        };
    }

    private static ReportedCall SenderOf(OtlpMetricPoint point, string operation, CheckedAttributes attributes) => new()
    {
        Source = "metrics",
        SourceEventId = "metrics",
        Account = GenAiNormaliser.IsGateway(point.Scope) ? Account.GatewaySpan : Account.ClientSpan,
        StartedAt = point.At,
        Operation = operation,
        Provider = attributes.Text(CallAttribute.Provider, "provider")?.ToLowerInvariant() ?? "",
        RequestModel = attributes.Text(CallAttribute.RequestModel, "request model"),
        ResponseModel = attributes.Text(CallAttribute.ResponseModel, "response model"),
        ClaimedUseCase = attributes.Text(point.Resource[CallAttribute.UseCase], "use case"),
        SpanUseCase = attributes.Text(CallAttribute.UseCase, "use case"),
        Service = attributes.Text(point.Resource[CallAttribute.Service], "service name") ?? "",
    };
}
