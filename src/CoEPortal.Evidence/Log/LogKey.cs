using System.Security.Cryptography;
using System.Text;

namespace CoEPortal.Evidence.Log;

/// <summary>
/// The key a log signs its checkpoints with: ECDSA on P-256 with SHA-256 (ES256), as signature type 2 of C2SP signed notes.
/// </summary>
/// <param name="origin">Names the log for good, e.g. <c>ai.example.org/audit</c>; neither spaces nor a plus.</param>
public sealed class LogKey(string origin, ECDsa key) : IDisposable
{
    private const byte EcdsaType = 2;

    public string Origin { get; } = origin.Length is > 0 and <= 200 && !origin.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+')
        ? origin
        : throw new ArgumentException("An origin has 1 to 200 characters, without spaces and without a plus.", nameof(origin));

    /// <summary>What an auditor pins: origin, key id and public key in one line (C2SP's verifier key).</summary>
    public string Public
    {
        get
        {
            var spki = key.ExportSubjectPublicKeyInfo();
            return $"{Origin}+{Convert.ToHexStringLower(IdOf(spki))}+{Convert.ToBase64String([EcdsaType, .. spki])}";
        }
    }

    public static LogKey Create(string origin) => new(origin, ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <param name="pem">PKCS #8.</param>
    /// <exception cref="CryptographicException">Not a private key on P-256.</exception>
    public static LogKey FromPem(string origin, string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
        }
        catch (ArgumentException notAKey)
        {
            throw new CryptographicException("This is no private key in PEM.", notAKey);
        }

        return key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            ? new LogKey(origin, key)
            : throw new CryptographicException("The key of the audit log is on the curve P-256.");
    }

    /// <summary>PKCS #8, for a file only the portal can read.</summary>
    public string ToPem() => key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <returns>The checkpoint as a signed note, ready to be given away.</returns>
    public string Sign(Checkpoint checkpoint)
    {
        if (checkpoint.Origin != Origin)
        {
            throw new ArgumentException($"This key is of the log {Origin} and signs for no other.", nameof(checkpoint));
        }

        var text = checkpoint.Text;
        var signature = key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return $"{text}\n— {Origin} {Convert.ToBase64String([.. IdOf(key.ExportSubjectPublicKeyInfo()), .. signature])}\n";
    }

    public void Dispose() => key.Dispose();

    private static byte[] IdOf(byte[] spki) => SHA256.HashData(spki)[..4];
}
