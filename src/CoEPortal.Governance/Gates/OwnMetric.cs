using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

/// <summary>A figure that one use case has to keep besides those of the organisation, or keeps more strictly.</summary>
public sealed class OwnMetric : Aggregate
{
    public const int ReasonLength = 1000;

    private OwnMetric()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public string Suite { get; private init; } = "";

    public string Metric { get; private init; } = "";

    public decimal? AtLeast { get; private set; }

    public decimal? AtMost { get; private set; }

    public string Reason { get; private set; } = "";

    public string SetBy { get; private set; } = "";

    public string SetByName { get; private set; } = "";

    public DateTimeOffset SetAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("gate-metric", $"{UseCaseKey}/{Suite}/{Metric}");

    internal static OwnMetric For(string useCaseKey, string suite, string metric, DateTimeOffset now)
    {
        Refuse.If(!GateNames.IsPlain(suite) || !GateNames.IsPlain(metric), "metric-unusable", $"Name suite and metric in 1 to {GateNames.Length} letters, digits, dots, dashes and underscores.");
        return new OwnMetric { Id = Guid.CreateVersion7(now), UseCaseKey = useCaseKey, Suite = suite, Metric = metric };
    }

    internal void Set(decimal? atLeast, decimal? atMost, Metric? ofTheOrganisation, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(atLeast is null == atMost is null, "limit-required", "Give either the least or the most it may be.");
        Refuse.If(string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonLength, "reason-required", $"Say why, in at most {ReasonLength:N0} characters.");
        var wanted = new Metric { AtLeast = atLeast, AtMost = atMost };
        if (ofTheOrganisation is { } rule)
        {
            Refuse.If(!wanted.IsStricterThan(rule), "looser-than-the-rules", $"{Metric} of {Suite} is a rule of the organisation ({LimitOf(rule)}): a use case may only be stricter.");
        }

        (AtLeast, AtMost, Reason, SetBy, SetByName, SetAt) = (atLeast, atMost, reason.Trim(), by.Id.Value, by.Name, now);
        Record(new GateMetricSet(UseCaseKey, Suite, Metric, atLeast, atMost, Reason, by, now));
    }

    internal Metric AsMetric(Metric? ofTheOrganisation) => new()
    {
        Id = Metric,
        Title = ofTheOrganisation?.Title ?? Metric,
        Unit = ofTheOrganisation?.Unit ?? MetricUnit.Score,
        AtLeast = AtLeast,
        AtMost = AtMost,
        IsOwn = true,
    };

    internal static string LimitOf(Metric metric) => FormattableString.Invariant($"{(metric.AtLeast is null ? "at most" : "at least")} {metric.AtLeast ?? metric.AtMost}");
}

public sealed record GateMetricSet(
    string UseCase, string Suite, string Metric, decimal? AtLeast, decimal? AtMost, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
