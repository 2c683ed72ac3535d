using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

/// <summary>What a pipeline tells of one run of a suite on one artefact.</summary>
/// <param name="RunId">Of the pipeline: told again, it is the same.</param>
/// <param name="Which">The version that was evaluated.</param>
/// <param name="ArtefactHash">Of exactly what was evaluated, <c>sha256:…</c>; a pass counts for nothing else.</param>
/// <param name="Suite">By which suite.</param>
/// <param name="Examples">How many were scored.</param>
/// <param name="Metrics">Figures by metric.</param>
/// <param name="EvaluatedAt">When.</param>
/// <param name="Link">To the run; null when there is none.</param>
public sealed record ReportedResult(
    string RunId, VersionPointer Which, string ArtefactHash, string Suite, long Examples, IReadOnlyDictionary<string, decimal> Metrics, DateTimeOffset EvaluatedAt, string? Link)
{
    public const int RunIdLength = 200;
    public const int LinkLength = 500;
    public const int MostMetrics = 50;

    private const decimal LargestFigure = 1_000_000_000;
    private static readonly TimeSpan ClocksDiffer = TimeSpan.FromMinutes(5);

    /// <summary>Null when it came without a signature.</summary>
    public SignedReport? Proof { get; init; }

    internal ReportedResult Checked(DateTimeOffset now)
    {
        Refuse.If(RunId.Length is 0 or > RunIdLength || RunId.Any(c => c is < '!' or > '~'), "run-id-required", $"runId names the run of the pipeline in at most {RunIdLength} printable characters without spaces: with it the same is taken once.");
        Refuse.If(!GateNames.IsHash(ArtefactHash), "artefact-hash-required", "artefactHash is sha256: and 64 hexadecimal digits in lower case, of exactly what was evaluated.");
        Refuse.If(!GateNames.IsPlain(Suite), "suite-required", "suite is the id of a suite, in letters, digits, dots, dashes and underscores.");
        Refuse.If(Examples is < 1 or > 1_000_000_000, "examples-required", "examples is how many were scored, at least 1.");
        Refuse.If(Metrics.Count is 0 or > MostMetrics, "metrics-required", $"metrics has 1 to {MostMetrics} figures by their names.");
        Refuse.If(Metrics.Any(m => !GateNames.IsPlain(m.Key) || Math.Abs(m.Value) > LargestFigure), "metric-unusable", "A metric has a plain name and a figure between minus and plus a thousand million.");
        Refuse.If(EvaluatedAt > now + ClocksDiffer, "evaluated-in-the-future", "evaluatedAt lies in the future.");
        Refuse.If(Link is not null && (Link.Length > LinkLength || !Uri.TryCreate(Link, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http")), "link-unusable", $"link is an address of a web page of at most {LinkLength} characters.");
        return this with { Which = Which.Checked() };
    }
}

/// <summary>The result of a suite on an artefact, as a pipeline reported it. Never changed.</summary>
public sealed class GateResult : Aggregate
{
    private GateResult()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public string RunId { get; private init; } = "";

    public Component Component { get; private init; }

    public string Artefact { get; private init; } = "";

    public string ArtefactVersion { get; private init; } = "";

    public string ArtefactHash { get; private init; } = "";

    public string Suite { get; private init; } = "";

    public long Examples { get; private init; }

    public Dictionary<string, decimal> Metrics { get; private init; } = [];

    public DateTimeOffset EvaluatedAt { get; private init; }

    public DateTimeOffset ReceivedAt { get; private init; }

    /// <summary>The name of the token.</summary>
    public string ReportedBy { get; private init; } = "";

    public string? Link { get; private init; }

    /// <summary>The key that signed it; null when nobody did.</summary>
    public Guid? KeyId { get; private init; }

    public VersionPointer Which => new(Component, Artefact, ArtefactVersion);

    public override (string Type, string Key) AuditSubject => ("gate-result", Id.ToString());

    internal static GateResult Of(string useCaseKey, ReportedResult reported, PipelineKey? signer, string token, DateTimeOffset now)
    {
        var result = new GateResult
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            RunId = reported.RunId,
            Component = reported.Which.Component,
            Artefact = reported.Which.Name,
            ArtefactVersion = reported.Which.Version,
            ArtefactHash = reported.ArtefactHash,
            Suite = reported.Suite,
            Examples = reported.Examples,
            Metrics = new(reported.Metrics),
            EvaluatedAt = reported.EvaluatedAt.ToUniversalTime(),
            ReceivedAt = now,
            ReportedBy = token,
            Link = reported.Link,
            KeyId = signer?.Id,
        };
        result.Record(new GateResultRecorded(
            useCaseKey, result.Component, result.Artefact, result.ArtefactVersion, result.ArtefactHash, result.Suite, result.Examples,
            [.. result.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => FormattableString.Invariant($"{m.Key}={m.Value}"))], signer?.Fingerprint, Pipeline(token), now));
        return result;
    }

    /// <summary>A pipeline has no roles: what it asks for is decided by people.</summary>
    internal static Actor Pipeline(string token) => Actor.Rule("pipeline " + token);

    internal bool SaysTheSameAs(ReportedResult other) =>
        Which == other.Which && ArtefactHash == other.ArtefactHash && Suite == other.Suite && Examples == other.Examples
        && Metrics.Count == other.Metrics.Count && Metrics.All(m => other.Metrics.TryGetValue(m.Key, out var value) && value == m.Value);
}

public sealed record GateResultRecorded(
    string UseCase, Component Component, string Artefact, string ArtefactVersion, string ArtefactHash, string Suite, long Examples, IReadOnlyList<string> Figures, string? SignedWith, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => ArtefactHash;
}
