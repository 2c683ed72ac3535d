namespace CoEPortal.Governance.Gates;

/// <summary>What a pipeline signed: the request as it was sent.</summary>
/// <param name="UseCaseKey">As the signed request names it; null when it names none.</param>
/// <param name="Body">Its bytes.</param>
/// <param name="Signature">ECDSA with SHA-256 over them, in DER.</param>
public sealed record SignedReport(string? UseCaseKey, byte[] Body, byte[] Signature)
{
    public const int LargestBody = 64 * 1024;
    public const int LargestSignature = 200;
}

/// <summary>What is kept so that anybody can check a signature again.</summary>
public sealed class GateSignature
{
    public Guid ResultId { get; init; }

    public byte[] Body { get; init; } = [];

    public byte[] Signature { get; init; } = [];
}
