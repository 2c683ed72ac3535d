using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Notifications;

namespace CoEPortal.Governance.KillSwitches;

public enum ActuatorKind
{
    /// <summary>Blocks virtual keys, teams and models.</summary>
    LiteLlm,

    /// <summary>Puts request-termination on routes and consumers, or on everything.</summary>
    Kong,

    /// <summary>Puts entries into a map that the configuration refuses by.</summary>
    HaProxy,
}

public enum ActuatorStanding
{
    /// <summary>Nothing was read from the gateway yet.</summary>
    Unread,

    /// <summary>Read back: the gateway refuses what it should, and what we had blocked and is released is open.</summary>
    Effective,

    /// <summary>The gateway answers, but does not stand as it should.</summary>
    Differs,
    Unreachable,
}

/// <summary>What one reading of a gateway showed.</summary>
/// <param name="Generation">The state of enforcement that was asked for.</param>
/// <param name="Carried">How many things it can be told to refuse.</param>
/// <param name="Blocked">How many of them it refuses.</param>
/// <param name="Faults">What is not as it should be, in words; empty when all is.</param>
/// <param name="Notes">What else is blocked there, by somebody else.</param>
/// <param name="Drift">What had changed at the gateway since it was last as it should be.</param>
/// <param name="Wrote">Whether anything was changed there.</param>
public sealed record GatewayReading(long Generation, int Carried, int Blocked, IReadOnlyList<string> Faults, IReadOnlyList<string> Notes, IReadOnlyList<string> Drift, bool Wrote);

/// <summary>
/// A gateway that cannot ask us, so what is stopped is pushed to it and read back. It never goes back to an older generation,
/// and lifts only blocks that it placed itself.
/// </summary>
public sealed class Actuator : Aggregate
{
    public const int LongestDetail = 500;
    private const int MostNamed = 5;
    private const char Ordered = '?';

    private Actuator()
    {
    }

    public string Name { get; private init; } = "";

    public ActuatorKind Kind { get; private set; }

    /// <summary>As credentials and switches name the gateway.</summary>
    public string Gateway { get; private set; } = "";

    /// <summary>Whether it can be told to refuse a model, whoever asks for it.</summary>
    public bool CarriesModels { get; private set; }

    public bool IsConfigured { get; private set; }

    public ActuatorStanding Standing { get; private set; }

    public DateTimeOffset Since { get; private set; }

    /// <summary>The newest state of enforcement that was read back.</summary>
    public long Generation { get; private set; }

    /// <summary>When a change was last told to the gateway and read back.</summary>
    public DateTimeOffset? AppliedAt { get; private set; }

    public DateTimeOffset? ReadAt { get; private set; }

    public int Carried { get; private set; }

    public int Blocked { get; private set; }

    /// <summary>
    /// What is blocked by us, as <see cref="ActuatorTarget"/> is written; with a question mark in front what was ordered and
    /// not read back yet.
    /// </summary>
    public List<string> Placed { get; private set; } = [];

    /// <summary>What differs, or why it cannot be reached.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>What somebody or a restart had changed at the gateway, and we changed back.</summary>
    public string Corrected { get; private set; } = "";

    public DateTimeOffset? CorrectedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("actuator", Name);

    /// <summary>Blocks that only we lift.</summary>
    public IReadOnlySet<ActuatorTarget> Ours => Placed.Select(p => ActuatorTarget.Parse(p.TrimStart(Ordered))).ToHashSet();

    /// <summary>Those of them that the gateway showed when it was last read.</summary>
    public IReadOnlySet<ActuatorTarget> Confirmed => Placed.Where(p => p[0] != Ordered).Select(ActuatorTarget.Parse).ToHashSet();

    /// <summary>Whether the gateway as a whole can be refused, not only single credentials.</summary>
    public bool CarriesWhole => Kind is not ActuatorKind.LiteLlm;

    public IReadOnlyList<CredentialKind> Carries => Kind switch
    {
        ActuatorKind.LiteLlm => [CredentialKind.KeyHash, CredentialKind.Team],
        ActuatorKind.Kong => [CredentialKind.Route, CredentialKind.Team],
        _ => [CredentialKind.KeyHash, CredentialKind.Route, CredentialKind.Team],
    };

    public static Actuator Configured(ActuatorSetting setting, Actor by, DateTimeOffset now)
    {
        var actuator = new Actuator { Name = setting.Name, Since = now };
        actuator.Configure(setting, by, now);
        return actuator;
    }

    public void Configure(ActuatorSetting setting, Actor by, DateTimeOffset now)
    {
        var (_, kind, gateway, models) = setting;
        if (IsConfigured && (Kind, Gateway, CarriesModels) == (kind, gateway, models))
        {
            return;
        }

        (Kind, Gateway, CarriesModels, IsConfigured) = (kind, gateway, models, true);
        Stand(ActuatorStanding.Unread, "", now);
        Record(new ActuatorConfigured(Name, kind, gateway, models, by, now));
    }

    public void Remove(Actor by, DateTimeOffset now)
    {
        Refuse.If(!IsConfigured, "not-configured", $"{Name} is not configured.");
        IsConfigured = false;
        Record(new ActuatorRemoved(Name, by, now));
    }

    /// <summary>Before the gateway is told: if nobody comes back to say what happened, the block is still known as ours.</summary>
    public void Intend(IEnumerable<ActuatorTarget> blocks)
    {
        var known = Ours;
        Placed = [.. Placed.Concat(blocks.Where(b => !known.Contains(b)).Select(b => Ordered + b.ToString())).Order(StringComparer.Ordinal)];
        Touch();
    }

    public void Take(GatewayReading reading, IEnumerable<ActuatorTarget> stillPlaced, Actor by, DateTimeOffset now)
    {
        Refuse.If(reading.Generation < Generation, "older-generation", $"{Name} stands at generation {Generation}; it never goes back to {reading.Generation}.");
        var isNews = reading.Wrote || Standing is not (ActuatorStanding.Effective or ActuatorStanding.Differs)
            || (Standing is ActuatorStanding.Effective) != (reading.Faults.Count == 0);
        Placed = [.. stillPlaced.Select(b => b.ToString()).Order(StringComparer.Ordinal)];
        (Generation, ReadAt, Carried, Blocked) = (reading.Generation, now, reading.Carried, reading.Blocked);
        if (reading.Drift.Count > 0)
        {
            (Corrected, CorrectedAt) = (Line(reading.Drift), now);
            Record(new GatewayDriftCorrected(Name, [.. reading.Drift.Take(MostNamed)], reading.Drift.Count, by, now));
        }

        Stand(reading.Faults.Count == 0 ? ActuatorStanding.Effective : ActuatorStanding.Differs, Line([.. reading.Faults, .. reading.Notes]), now);
        // A correction is not when the switch took effect.
        if (reading.Faults.Count == 0 && (reading.Wrote && reading.Drift.Count == 0 || AppliedAt is null))
        {
            AppliedAt = now;
        }

        if (isNews)
        {
            Record(reading.Faults.Count == 0
                ? new PushConfirmed(Name, Gateway, reading.Generation, reading.Blocked, by, now)
                : new PushNotConfirmed(Name, Gateway, reading.Generation, Detail, by, now));
        }
        else
        {
            Touch();
        }
    }

    public void Lose(string why, Actor by, DateTimeOffset now)
    {
        var isNews = Standing is not ActuatorStanding.Unreachable;
        Stand(ActuatorStanding.Unreachable, PlainLine.Of(why, LongestDetail), now);
        if (isNews)
        {
            Record(new GatewayLost(Name, Gateway, Detail, by, now));
        }
        else
        {
            Touch();
        }
    }

    private void Stand(ActuatorStanding standing, string detail, DateTimeOffset now)
    {
        Since = Standing == standing && Version > 0 ? Since : now;
        (Standing, Detail) = (standing, detail);
    }

    private static string Line(IReadOnlyList<string> parts) =>
        PlainLine.Of(string.Join("; ", parts.Take(MostNamed)) + (parts.Count > MostNamed ? $"; and {parts.Count - MostNamed} more" : ""), LongestDetail);
}

public sealed record ActuatorConfigured(string Name, ActuatorKind Kind, string Gateway, bool Models, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record ActuatorRemoved(string Name, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>The gateway was read back and stands as it should.</summary>
public sealed record PushConfirmed(string Name, string Gateway, long Generation, int Blocked, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>The gateway was read back and does not stand as it should.</summary>
public sealed record PushNotConfirmed(string Name, string Gateway, long Generation, string Detail, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

public sealed record GatewayLost(string Name, string Gateway, string Detail, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);

/// <summary>The gateway had been as it should, and was not any more: restarted, or changed by hand. It was changed back.</summary>
public sealed record GatewayDriftCorrected(string Name, IReadOnlyList<string> Drift, int Count, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
