using System.Security.Cryptography;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Gates;

/// <summary>
/// The public half of a key with which a pipeline signs its results (ECDSA on P-256, as openssl and cosign make it). As soon as
/// one was ever added that speaks for a use case, results count for it only when they are signed.
/// </summary>
public sealed class PipelineKey : Aggregate
{
    public const int NameLength = 100;
    public const int ReasonLength = 1000;
    public const int PemLength = 2000;

    public static readonly TimeSpan LongestValidity = TimeSpan.FromDays(731);

    private const string Curve = "1.2.840.10045.3.1.7";
    private const string Wanted = "Send a public key on the curve P-256 in PEM, as openssl ec -pubout writes it: it begins with -----BEGIN PUBLIC KEY-----.";

    private PipelineKey()
    {
    }

    public Guid Id { get; private init; }

    public string Name { get; private init; } = "";

    /// <summary>Null when it speaks for all.</summary>
    public string? UseCaseKey { get; private init; }

    /// <summary>SubjectPublicKeyInfo, in DER.</summary>
    public byte[] PublicKey { get; private init; } = [];

    /// <summary><c>sha256:…</c> of it.</summary>
    public string Fingerprint { get; private init; } = "";

    public DateTimeOffset GoodUntil { get; private init; }

    public string AddedBy { get; private init; } = "";

    public string AddedByName { get; private init; } = "";

    public DateTimeOffset AddedAt { get; private init; }

    public string? RevokedBy { get; private set; }

    public string? RevokedByName { get; private set; }

    public DateTimeOffset? RevokedAt { get; private set; }

    public string Reason { get; private set; } = "";

    /// <summary>What it signed and what came from then on counts no more.</summary>
    public DateTimeOffset? DistrustedFrom { get; private set; }

    public override (string Type, string Key) AuditSubject => ("pipeline-key", Id.ToString());

    internal static PipelineKey Add(string name, string pem, string? useCaseKey, DateTimeOffset goodUntil, Actor by, DateTimeOffset now)
    {
        Refuse.If(name.Trim().Length is 0 or > NameLength, "name-required", $"Name the key in at most {NameLength} characters, for example after its pipeline.");
        Refuse.If(goodUntil <= now || goodUntil > now + LongestValidity, "validity-out-of-range", "A key is good for at most two years from now.");
        var publicKey = PublicKeyOf(pem);
        var key = new PipelineKey
        {
            Id = Guid.CreateVersion7(now),
            Name = name.Trim(),
            UseCaseKey = useCaseKey,
            PublicKey = publicKey,
            Fingerprint = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(publicKey)),
            GoodUntil = goodUntil.ToUniversalTime(),
            AddedBy = by.Id.Value,
            AddedByName = by.Name,
            AddedAt = now,
        };
        key.Record(new PipelineKeyAdded(key.Name, useCaseKey, key.Fingerprint, key.GoodUntil, by, now));
        return key;
    }

    internal void Revoke(string reason, DateTimeOffset? distrustedFrom, Actor by, DateTimeOffset now)
    {
        Refuse.If(RevokedAt is not null, "already-revoked", "This key has already been revoked.");
        Refuse.If(string.IsNullOrWhiteSpace(reason) || reason.Length > ReasonLength, "reason-required", $"Say why, in at most {ReasonLength:N0} characters.");
        Refuse.If(distrustedFrom > now || distrustedFrom < AddedAt, "moment-unusable", "Results are distrusted from a moment between the day the key was added and now.");
        (RevokedAt, RevokedBy, RevokedByName, Reason, DistrustedFrom) = (now, by.Id.Value, by.Name, reason.Trim(), distrustedFrom?.ToUniversalTime() ?? now);
        Record(new PipelineKeyRevoked(Name, UseCaseKey, Fingerprint, DistrustedFrom.Value, Reason, by, now));
    }

    public bool IsInForce(DateTimeOffset now) => RevokedAt is null && now < GoodUntil;

    public string ToPem()
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(PublicKey, out _);
        return key.ExportSubjectPublicKeyInfoPem();
    }

    /// <summary>Who signed a report.</summary>
    /// <param name="keys">All that were ever added for the use case.</param>
    /// <param name="useCaseKey">Of which it is said.</param>
    /// <param name="report">Null when nothing was signed.</param>
    /// <param name="now">Decides which keys are in force.</param>
    /// <returns>Null when nobody signed and nobody has to.</returns>
    internal static PipelineKey? SignerOf(IReadOnlyCollection<PipelineKey> keys, string useCaseKey, SignedReport? report, DateTimeOffset now)
    {
        if (report is null)
        {
            Refuse.If(keys.Count > 0, "signature-required", $"Results of {useCaseKey} count only when they are signed: send X-Coe-Signature, made with one of the keys under Gates, Signing keys.");
            return null;
        }

        Refuse.If(report.UseCaseKey != useCaseKey, "signed-for-another", $"The signed request has to say \"useCase\": \"{useCaseKey}\", so that it cannot be sent for another.");
        return keys.FirstOrDefault(k => k.IsInForce(now) && k.Signed(report))
            ?? throw new RuleViolationException("signature-invalid", $"No key in force for {useCaseKey} made this signature over exactly these bytes. It is ECDSA on P-256 with SHA-256 over the whole body, in DER and base64.");
    }

    /// <summary>Whether a result may open a gate, by who signed it.</summary>
    internal static bool Vouches(IReadOnlyCollection<PipelineKey> keys, GateResult result) =>
        keys.Count == 0 || keys.Any(k => k.Id == result.KeyId && (k.DistrustedFrom is not { } from || result.ReceivedAt < from));

    private bool Signed(SignedReport report)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(PublicKey, out _);
        return key.VerifyData(report.Body, report.Signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private static byte[] PublicKeyOf(string pem)
    {
        Refuse.If(pem.Contains("PRIVATE", StringComparison.OrdinalIgnoreCase), "private-key-sent", "This is a private key. It was not kept, but treat it as lost: make a new pair and send only the public half.");
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(pem.Length <= PemLength ? pem : "");
            Refuse.If(key.ExportParameters(false).Curve.Oid.Value != Curve, "key-unusable", Wanted);
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (Exception error) when (error is ArgumentException or CryptographicException)
        {
            throw new RuleViolationException("key-unusable", Wanted);
        }
    }
}

public sealed record PipelineKeyAdded(string Name, string? UseCase, string Fingerprint, DateTimeOffset GoodUntil, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;

    public override string? SignedContent => Fingerprint;
}

public sealed record PipelineKeyRevoked(
    string Name, string? UseCase, string Fingerprint, DateTimeOffset DistrustedFrom, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
