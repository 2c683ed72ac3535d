using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// The certificate a portal signs its reports with when the organisation has not given it one. Self-signed: readers
/// trust it because the organisation publishes its fingerprint, not because somebody else vouches for it.
/// </summary>
public static class SigningCertificate
{
    private const int ValidYears = 5;
    // RFC 9336: document signing.
    private const string DocumentSigning = "1.3.6.1.5.5.7.3.36";

    /// <summary>A new RSA-3072 key and its certificate, valid for five years from <paramref name="now"/>.</summary>
    /// <param name="organisation">At most 64 characters (X.520); becomes the certificate's O.</param>
    /// <param name="now">The time of creation.</param>
    public static X509Certificate2 Create(string organisation, DateTimeOffset now)
    {
        using var key = RSA.Create(3072);
        return SelfSign(new CertificateRequest(Name(organisation), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), now);
    }

    /// <summary>The same with an ECDSA key on P-256: smaller and quicker; some older PDF viewers cannot check it.</summary>
    /// <inheritdoc cref="Create"/>
    public static X509Certificate2 CreateEcdsa(string organisation, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return SelfSign(new CertificateRequest(Name(organisation), key, HashAlgorithmName.SHA256), now);
    }

    /// <summary>Certificate and unencrypted PKCS #8 key, one after the other. For a file only the portal can read.</summary>
    public static string ToPem(X509Certificate2 certificate)
    {
        using var key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey();
        return key is null
            ? throw new CryptographicException("The certificate has no private key.")
            : $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    /// <exception cref="CryptographicException">No certificate, no key, or a key that is not the certificate's.</exception>
    public static X509Certificate2 FromPem(string pem) => X509Certificate2.CreateFromPem(pem, pem);

    /// <summary>PKCS #12 with AES-256, to be carried to another machine.</summary>
    public static byte[] ToPfx(X509Certificate2 certificate, string password) =>
        certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, password);

    /// <exception cref="CryptographicException">Not PKCS #12, or another password.</exception>
    public static X509Certificate2 FromPfx(ReadOnlySpan<byte> pfx, string password) =>
        X509CertificateLoader.LoadPkcs12(pfx, password, X509KeyStorageFlags.Exportable);

    /// <summary><c>sha256:</c> and 64 hexadecimal digits: what an organisation publishes and <see cref="PdfSigner"/> reports.</summary>
    public static string Fingerprint(X509Certificate2 certificate) => ContentHash.OfBytes(certificate.RawData).ToString();

    private static X500DistinguishedName Name(string organisation)
    {
        if (string.IsNullOrWhiteSpace(organisation) || organisation.Length > 64)
        {
            throw new ArgumentException("An organisation's name has 1 to 64 characters.", nameof(organisation));
        }

        var name = new X500DistinguishedNameBuilder();
        name.AddOrganizationName(organisation);
        name.AddCommonName("AI governance portal");
        return name.Build();
    }

    private static X509Certificate2 SelfSign(CertificateRequest request, DateTimeOffset now)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(DocumentSigning)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        // Clocks differ; a report signed in the first minute must verify everywhere.
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(ValidYears));
    }
}
