namespace CoEPortal.Governance.KillSwitches;

public enum TargetKind
{
    /// <summary>All that goes through the gateway.</summary>
    Whole,
    KeyHash,
    Route,
    Team,

    /// <summary>A model, whoever asks for it.</summary>
    Model,
}

/// <summary>One thing that a gateway can be told to refuse.</summary>
public readonly record struct ActuatorTarget(TargetKind Kind, string Value)
{
    public ActuatorTarget(CredentialKind kind, string value)
        : this(Enum.Parse<TargetKind>(kind.ToString()), value)
    {
    }

    public static ActuatorTarget Whole { get; } = new(TargetKind.Whole, KillSwitch.Everything);

    public static ActuatorTarget Model(string name) => new(TargetKind.Model, name);

    public static ActuatorTarget Parse(string text) => text.Split(':', 2) is [var kind, var value] && Enum.TryParse<TargetKind>(kind, out var parsed)
        ? new ActuatorTarget(parsed, value)
        : Whole;

    /// <summary><c>Route:/claims</c>, <c>Model:gpt-4o</c>, or <c>*</c>.</summary>
    public override string ToString() => Kind is TargetKind.Whole ? Value : $"{Kind}:{Value}";
}

public enum TargetState
{
    Open,
    Blocked,

    /// <summary>The gateway does not know it, so nothing comes through under that name.</summary>
    Missing,
}

/// <summary>
/// The administration of one gateway that cannot ask us: told what to refuse, and asked what it refuses. Each call is bounded
/// in time and size by whoever implements it.
/// </summary>
public interface IGatewayAdmin : IDisposable
{
    /// <exception cref="GatewayAdminException">It did not answer, or not as it should.</exception>
    Task<IReadOnlyDictionary<ActuatorTarget, TargetState>> ReadAsync(IReadOnlyCollection<ActuatorTarget> targets, CancellationToken cancellation);

    /// <exception cref="GatewayAdminException">It did not take it.</exception>
    Task BlockAsync(ActuatorTarget target, CancellationToken cancellation);

    /// <summary>Undoes what <see cref="BlockAsync"/> did, and nothing else.</summary>
    /// <exception cref="GatewayAdminException">It did not take it.</exception>
    Task UnblockAsync(ActuatorTarget target, CancellationToken cancellation);
}

/// <summary>What a gateway answered instead, in words for an operator: no credential, nothing of a body.</summary>
public sealed class GatewayAdminException(string message, Exception? cause = null) : Exception(message, cause);
