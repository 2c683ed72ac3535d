using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace CoEPortal.Evidence.Pdf;

/// <summary>
/// The detached CMS signature inside a PDF (RFC 5652) in CAdES baseline form (ETSI EN 319 122-1, as
/// ETSI EN 319 142-1 section 6.3 narrows it for PDF: signing certificate attribute, no signing time attribute).
/// </summary>
internal static class SignedBytes
{
    private const int MinimumRsaBits = 3072;
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const string Data = "1.2.840.113549.1.7.1";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private const string RsaEncryption = "1.2.840.113549.1.1.1";
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string SigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
    private static readonly Asn1Tag Implicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    /// <summary>Room enough for the CMS of a certificate of ours, whatever the length of its signature.</summary>
    public static int MaxEncodedLength(X509Certificate2 certificate) => 4096 + certificate.RawData.Length;

    public static byte[] Sign(byte[] content, X509Certificate2 certificate)
    {
        var signer = new CmsSigner(certificate)
        {
            DigestAlgorithm = new Oid(Sha256),
            // The chain would be looked up on the network.
            IncludeOption = X509IncludeOption.EndCertOnly,
        };
        signer.SignedAttributes.Add(new AsnEncodedData(new Oid(SigningCertificateV2), SigningCertificateAttribute(certificate)));

        var cms = new SignedCms(new ContentInfo(content), detached: true);
        cms.ComputeSignature(signer);
        return cms.Encode();
    }

    /// <summary>The signer's certificate, once the signature and everything around it holds.</summary>
    /// <exception cref="PdfFormatException">It does not; the message says why.</exception>
    public static X509Certificate2 Verify(byte[] encoded, byte[] content)
    {
        try
        {
            var cms = new SignedCms(new ContentInfo(content), detached: true);
            cms.Decode(encoded);
            if (cms is not { Detached: true, Certificates: [var certificate], SignerInfos: [var signer] })
            {
                throw new PdfFormatException("The signature does not have exactly one signer with one certificate.");
            }

            RequireNothingUnsigned(encoded, certificate);
            if (!HasLastingKey(certificate))
            {
                throw new PdfFormatException($"The signer's key is neither RSA of {MinimumRsaBits} bits nor ECDSA.");
            }

            RequireSigningCertificate(signer, certificate);
            cms.CheckSignature(verifySignatureOnly: true);
            return certificate;
        }
        catch (CryptographicException wrong)
        {
            throw new PdfFormatException("The signature does not match the file: the file was changed after it was signed.", wrong);
        }
        catch (AsnContentException malformed)
        {
            throw new PdfFormatException("The signature is malformed.", malformed);
        }
    }

    /// <summary>RSA of at least 3072 bits or ECDSA: a key that outlives the years evidence is kept.</summary>
    public static bool HasLastingKey(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        using var ecdsa = certificate.GetECDsaPublicKey();
        return rsa is { KeySize: >= MinimumRsaBits } || ecdsa is { KeySize: >= 256 };
    }

    /// <summary>
    /// Much of a CMS is outside its own signature: versions, the list of algorithms, unsigned attributes, more
    /// certificates. Each has one allowed value here, so that a signed PDF cannot be changed in a single byte.
    /// </summary>
    private static void RequireNothingUnsigned(byte[] encoded, X509Certificate2 certificate)
    {
        var file = new AsnReader(encoded, AsnEncodingRules.DER);
        var contentInfo = file.ReadSequence();
        file.ThrowIfNotEmpty();
        Require(contentInfo.ReadObjectIdentifier() is SignedData);
        var wrapper = contentInfo.ReadSequence(Implicit0);
        contentInfo.ThrowIfNotEmpty();
        var signedData = wrapper.ReadSequence();
        wrapper.ThrowIfNotEmpty();

        Require(signedData.ReadInteger() == 1);
        var digestAlgorithms = signedData.ReadSetOf();
        RequireAlgorithm(digestAlgorithms, Sha256);
        digestAlgorithms.ThrowIfNotEmpty();
        var content = signedData.ReadSequence();
        Require(content.ReadObjectIdentifier() is Data);
        content.ThrowIfNotEmpty();
        var certificates = signedData.ReadSetOf(Implicit0);
        Require(certificates.ReadEncodedValue().Span.SequenceEqual(certificate.RawData));
        certificates.ThrowIfNotEmpty();
        var signers = signedData.ReadSetOf();
        signedData.ThrowIfNotEmpty();
        var signer = signers.ReadSequence();
        signers.ThrowIfNotEmpty();

        Require(signer.ReadInteger() == 1);
        var identifier = signer.ReadSequence();
        Require(identifier.ReadEncodedValue().Span.SequenceEqual(certificate.IssuerName.RawData));
        Require(identifier.ReadIntegerBytes().Span.SequenceEqual(certificate.SerialNumberBytes.Span));
        identifier.ThrowIfNotEmpty();
        RequireAlgorithm(signer, Sha256);
        signer.ReadSetOf(Implicit0);
        using var rsa = certificate.GetRSAPublicKey();
        RequireAlgorithm(signer, rsa is null ? EcdsaWithSha256 : RsaEncryption);
        signer.ReadOctetString();
        signer.ThrowIfNotEmpty();
    }

    private static void RequireAlgorithm(AsnReader reader, string oid)
    {
        var algorithm = reader.ReadSequence();
        Require(algorithm.ReadObjectIdentifier() == oid);
        if (algorithm.HasData)
        {
            algorithm.ReadNull();
        }

        algorithm.ThrowIfNotEmpty();
    }

    private static void Require(bool asWritten)
    {
        if (!asWritten)
        {
            throw new PdfFormatException("The signature holds parts that it does not protect.");
        }
    }

    /// <summary>RFC 5035: without this attribute a signature could be presented with another certificate for the same key.</summary>
    private static void RequireSigningCertificate(SignerInfo signer, X509Certificate2 certificate)
    {
        var expected = SigningCertificateAttribute(certificate);
        var found = signer.SignedAttributes.Cast<CryptographicAttributeObject>()
            .Where(a => a.Oid.Value is SigningCertificateV2)
            .SelectMany(a => a.Values.Cast<AsnEncodedData>())
            .ToList();
        if (found is not [var only] || !only.RawData.AsSpan().SequenceEqual(expected))
        {
            throw new PdfFormatException("The signature does not name the certificate it was made with.");
        }
    }

    /// <summary>SigningCertificateV2 { certs { ESSCertIDv2 { certHash } } }; SHA-256 is the default and therefore left out.</summary>
    private static byte[] SigningCertificateAttribute(X509Certificate2 certificate)
    {
        var attribute = new AsnWriter(AsnEncodingRules.DER);
        using (attribute.PushSequence())
        using (attribute.PushSequence())
        using (attribute.PushSequence())
        {
            attribute.WriteOctetString(SHA256.HashData(certificate.RawData));
        }

        return attribute.Encode();
    }
}
