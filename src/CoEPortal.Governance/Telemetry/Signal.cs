namespace CoEPortal.Governance.Telemetry;

/// <summary>An alert that somebody else raised, such as Alertmanager's or a budget warning of LiteLLM.</summary>
public sealed record ReportedSignal
{
    public required string Source { get; init; }

    /// <summary>What makes it the same alert when it is sent again.</summary>
    public required string Fingerprint { get; init; }

    public required string Name { get; init; }

    public required bool IsFiring { get; init; }

    public string Severity { get; init; } = "";

    public string Summary { get; init; } = "";

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public string? ClaimedUseCase { get; init; }

    public string? KeyHash { get; init; }

    public string? Team { get; init; }

    public required Dictionary<string, string> Labels { get; init; }
}

/// <summary>A signal on a use case, or on none.</summary>
public sealed record Signal(
    Guid Id, string Source, string Name, string Severity, string Summary, string? UseCaseKey, bool IsFiring,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, DateTimeOffset ReceivedAt, string Labels);
