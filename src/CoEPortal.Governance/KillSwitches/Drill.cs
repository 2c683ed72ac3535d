using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillSwitches;

public enum DrillKind
{
    /// <summary>Halts the canary: the same way as a stop, with nothing behind it. Let go at once.</summary>
    Canary,

    /// <summary>Stops the use case itself; two people release it as always.</summary>
    Real,
}

public enum DrillOutcome
{
    /// <summary>Everywhere within the objective.</summary>
    Met,

    /// <summary>Everywhere, but later.</summary>
    Missed,

    /// <summary>Somebody did not confirm, or nobody was refused.</summary>
    Incomplete,
}

/// <summary>The steps of a drill by the database's clock (research: t0, t2 to t5; a manual stop is detected as it is clicked).</summary>
/// <param name="ClickedAt">t0 and t1.</param>
/// <param name="CommittedAt">t2.</param>
/// <param name="NodesAt">t3: every node of the portal applies it.</param>
/// <param name="GatewaysAt">t4: every gateway that decides by itself has confirmed, and each that is asked through its route refused; null also when there is none.</param>
/// <param name="DeniedAt">t5: the first refusal that the probe saw.</param>
public sealed record DrillTimes(DateTimeOffset ClickedAt, DateTimeOffset CommittedAt, DateTimeOffset? NodesAt, DateTimeOffset? GatewaysAt, DateTimeOffset? DeniedAt)
{
    /// <summary>From the click until it held everywhere that was heard of.</summary>
    public TimeSpan? Everywhere => NodesAt is { } nodes && DeniedAt is { } denied
        ? new[] { nodes, GatewaysAt ?? nodes, denied }.Max() - ClickedAt
        : null;
}

public sealed record DrillPoint(string Name, bool IsGateway, double AfterMs);

public sealed record DrillEnded(
    string Target, DrillKind Kind, DrillOutcome Outcome, [property: Personal] string Reason, long Generation, IReadOnlyList<string> Silent, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => Kind is DrillKind.Real ? Target : null;
}

/// <summary>One rehearsal of a stop, written when it ended.</summary>
public sealed class Drill : Aggregate
{
    private Drill()
    {
    }

    public Guid Id { get; private init; }

    public string Target { get; private init; } = "";

    public DrillKind Kind { get; private init; }

    public DrillOutcome Outcome { get; private init; }

    public string Reason { get; private init; } = "";

    public string StartedBy { get; private init; } = "";

    public string StartedByName { get; private init; } = "";

    public int ObjectiveMs { get; private init; }

    public long Generation { get; private init; }

    public DateTimeOffset ClickedAt { get; private init; }

    public DateTimeOffset CommittedAt { get; private init; }

    public DateTimeOffset? NodesAt { get; private init; }

    public DateTimeOffset? GatewaysAt { get; private init; }

    public DateTimeOffset? DeniedAt { get; private init; }

    /// <summary>Calls that telemetry knows by the end of the drill to have started after it held everywhere, and succeeded (t6).</summary>
    public long LeakedCalls { get; private init; }

    public decimal LeakedCost { get; private init; }

    /// <summary>Who was heard of lately but did not confirm in time.</summary>
    public List<string> Silent { get; private init; } = [];

    public DrillTimes Times => new(ClickedAt, CommittedAt, NodesAt, GatewaysAt, DeniedAt);

    public override (string Type, string Key) AuditSubject => ("drill", Id.ToString());

    public static Drill Ended(
        string target, DrillKind kind, string reason, TimeSpan objective, long generation, DrillTimes times, IReadOnlyList<string> silent,
        (long Calls, decimal Cost) leaked, Actor by, DateTimeOffset now)
    {
        var outcome = times.Everywhere is not { } everywhere || silent.Count > 0 ? DrillOutcome.Incomplete
            : everywhere <= objective ? DrillOutcome.Met
            : DrillOutcome.Missed;
        var drill = new Drill
        {
            Id = Guid.CreateVersion7(now),
            Target = target,
            Kind = kind,
            Outcome = outcome,
            Reason = reason,
            StartedBy = by.Id.Value,
            StartedByName = by.Name,
            ObjectiveMs = (int)objective.TotalMilliseconds,
            Generation = generation,
            ClickedAt = times.ClickedAt,
            CommittedAt = times.CommittedAt,
            NodesAt = times.NodesAt,
            GatewaysAt = times.GatewaysAt,
            DeniedAt = times.DeniedAt,
            LeakedCalls = leaked.Calls,
            LeakedCost = leaked.Cost,
            Silent = [.. silent],
        };
        drill.Record(new DrillEnded(target, kind, outcome, reason, generation, drill.Silent, by, now));
        return drill;
    }
}
