using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>
/// Signs and checks snapshots with the certificate that signs reports: ES256 for a key on P-256, RS256 for an RSA key
/// (RFC 7518, 3.3 and 3.4), detached (RFC 7515, appendix F): <c>protected..signature</c>.
/// </summary>
/// <param name="certificate">The portal's certificate; null where it cannot be read, and then nothing is signed.</param>
public sealed class SnapshotSigner(Func<X509Certificate2?> certificate)
{
    /// <summary>Signs nothing: for tests and nodes without a key.</summary>
    public static SnapshotSigner None { get; } = new(() => null);

    /// <summary>PEM of the certificate that gateways check against, without its key.</summary>
    public string? CertificatePem => certificate()?.ExportCertificatePem();

    /// <returns>The detached JWS, or an empty text without a key.</returns>
    public string Sign(ReadOnlySpan<byte> body)
    {
        if (certificate() is not { } known)
        {
            return "";
        }

        using var ecdsa = known.GetECDsaPrivateKey();
        using var rsa = known.GetRSAPrivateKey();
        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(
            $$"""{"alg":"{{(ecdsa is not null ? "ES256" : "RS256")}}","x5t#S256":"{{ThumbprintOf(known)}}"}"""));
        var content = SignedContent(header, body);
        var signature = ecdsa is not null
            ? ecdsa.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : rsa!.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{header}..{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Whether this certificate signed these bytes. The algorithm comes from the key, never from the message.</summary>
    public static bool Verify(ReadOnlySpan<byte> body, string signature, X509Certificate2 by)
    {
        var parts = signature.Split('.');
        if (parts is not [var header, "", var value] || !Base64Url.IsValid(value) || !Base64Url.IsValid(header))
        {
            return false;
        }

        var (content, bytes) = (SignedContent(header, body), Base64Url.DecodeFromChars(value));
        using var ecdsa = by.GetECDsaPublicKey();
        using var rsa = by.GetRSAPublicKey();
        return ecdsa is not null
            ? ecdsa.VerifyData(content, bytes, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : rsa is not null && rsa.VerifyData(content, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    private static string ThumbprintOf(X509Certificate2 certificate) => Base64Url.EncodeToString(SHA256.HashData(certificate.RawData));

    private static byte[] SignedContent(string header, ReadOnlySpan<byte> body) => Encoding.ASCII.GetBytes($"{header}.{Base64Url.EncodeToString(body)}");
}
