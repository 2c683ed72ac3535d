using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.People;

/// <summary>
/// A key of a machine: opaque, 256 random bits, kept only as a hash, with scopes and an end. A token may be bound to
/// one use case: then everything it reports belongs to that use case.
/// </summary>
public sealed class MachineToken : Aggregate
{
    public const string TelemetryWrite = "telemetry.write";
    public const string EnforcementRead = "enforcement.read";
    public const string GatesWrite = "gates.write";
    public const string TrainingWrite = "training.write";
    public const string ReadingsWrite = "readings.write";

    private const string Prefix = "coe_";

    private MachineToken()
    {
    }

    public static IReadOnlyList<string> KnownScopes { get; } = [TelemetryWrite, EnforcementRead, GatesWrite, TrainingWrite, ReadingsWrite];

    public Guid Id { get; private init; }

    public string Name { get; private init; } = "";

    public string TokenHash { get; private init; } = "";

    public List<string> Scopes { get; private init; } = [];

    public string? UseCaseKey { get; private init; }

    public DateTimeOffset IssuedAt { get; private init; }

    public DateTimeOffset ExpiresAt { get; private init; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public override (string Type, string Key) AuditSubject => ("machine-token", Id.ToString());

    /// <returns>The token and its clear text, which exists nowhere else.</returns>
    public static (MachineToken Token, string ClearText) Issue(
        string name, IReadOnlyList<string> scopes, string? useCaseKey, TimeSpan validFor, Actor by, DateTimeOffset now)
    {
        Refuse.If(name.Trim().Length is 0 or > 100, "name-required", "Give the token a name of at most 100 characters, for example the gateway's.");
        Refuse.If(scopes.Count == 0, "scope-required", $"Give the token a scope: {string.Join(", ", KnownScopes)}.");
        foreach (var scope in scopes.Except(KnownScopes))
        {
            throw new RuleViolationException("unknown-scope", $"There is no scope '{scope}'. Scopes are {string.Join(", ", KnownScopes)}.");
        }

        var clearText = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var token = new MachineToken
        {
            Id = Guid.CreateVersion7(now),
            Name = name.Trim(),
            TokenHash = HashOf(clearText),
            Scopes = [.. scopes.Distinct()],
            UseCaseKey = useCaseKey,
            IssuedAt = now,
            ExpiresAt = now + validFor,
        };
        token.Record(new MachineTokenIssued(token.Name, token.Scopes, token.ExpiresAt, useCaseKey, by, now));
        return (token, clearText);
    }

    public void Revoke(Actor by, DateTimeOffset now)
    {
        Refuse.If(RevokedAt is not null, "already-revoked", "This token has already been revoked.");
        RevokedAt = now;
        Record(new MachineTokenRevoked(Name, by, now));
    }

    public static string HashOf(string clearText) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(clearText)));
}

public sealed record MachineTokenIssued(
    string Name, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt, string? UseCase, Actor By, DateTimeOffset At)
    : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record MachineTokenRevoked(string Name, Actor By, DateTimeOffset At) : GovernanceEvent(By, At);
