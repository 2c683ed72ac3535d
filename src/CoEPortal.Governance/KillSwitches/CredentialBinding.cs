using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>What a gateway can tell us about a caller.</summary>
public enum CredentialKind
{
    /// <summary>SHA-256 of a gateway key, in hexadecimal. The key itself is never given to the portal.</summary>
    KeyHash,
    Route,
    Team,
}

/// <summary>Ties a credential of a gateway to an approved use case. What comes with no bound credential is unknown, and denied.</summary>
public sealed partial class CredentialBinding : Aggregate
{
    public const int ValueLength = 200;

    private CredentialBinding()
    {
    }

    public Guid Id { get; private init; }

    public string UseCaseKey { get; private init; } = "";

    public CredentialKind Kind { get; private init; }

    public string Value { get; private init; } = "";

    public string Gateway { get; private init; } = "";

    public string BoundBy { get; private init; } = "";

    public string BoundByName { get; private init; } = "";

    public DateTimeOffset BoundAt { get; private init; }

    public DateTimeOffset? RemovedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("credential-binding", Id.ToString());

    public static CredentialBinding Bind(string useCaseKey, CredentialKind kind, string value, string gateway, Actor by, DateTimeOffset now)
    {
        value = value.Trim();
        gateway = gateway.Trim();
        var errors = new Dictionary<string, string[]>();
        if (kind is CredentialKind.KeyHash && !Sha256().IsMatch(value))
        {
            errors["value"] = ["Give the SHA-256 of the key as 64 hexadecimal digits, never the key itself."];
        }
        else if (value.Length is 0 or > ValueLength || !Printable().IsMatch(value))
        {
            errors["value"] = [$"Give 1 to {ValueLength} printable characters without spaces."];
        }

        if (gateway.Length is 0 or > 100 || !Printable().IsMatch(gateway))
        {
            errors["gateway"] = ["Name the gateway, for example nginx-eu: 1 to 100 printable characters without spaces."];
        }

        if (errors.Count > 0)
        {
            throw new InvalidFieldsException(errors);
        }

        var binding = new CredentialBinding
        {
            Id = Guid.CreateVersion7(now),
            UseCaseKey = useCaseKey,
            Kind = kind,
            Value = kind is CredentialKind.KeyHash ? value.ToLowerInvariant() : value,
            Gateway = gateway,
            BoundBy = by.Id.Value,
            BoundByName = by.Name,
            BoundAt = now,
        };
        binding.Record(new CredentialBound(useCaseKey, kind, binding.Value, gateway, by, now));
        return binding;
    }

    public void Remove(Actor by, DateTimeOffset now)
    {
        Refuse.If(RemovedAt is not null, "already-removed", "This binding has already been removed.");
        RemovedAt = now;
        Record(new CredentialUnbound(UseCaseKey, Kind, Value, Gateway, by, now));
    }

    [GeneratedRegex("^[0-9a-fA-F]{64}$")]
    private static partial Regex Sha256();

    [GeneratedRegex("^[!-~]+$")]
    private static partial Regex Printable();
}

public sealed record CredentialBound(string UseCase, CredentialKind Kind, string Value, string Gateway, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record CredentialUnbound(string UseCase, CredentialKind Kind, string Value, string Gateway, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
