using System.Security.Cryptography.X509Certificates;

namespace CoEPortal.Evidence.Pdf;

/// <summary>How a PDF is to be certified: by which key, when, and why.</summary>
/// <param name="Certificate">With its private key: RSA of at least 3072 bits, or ECDSA.</param>
/// <param name="SignedAt">Our own clock's word, within the certificate's validity; no time stamp authority confirms it.</param>
/// <param name="Reason">For a person, e.g. <c>Audit pack for UC-0001</c>.</param>
public sealed record PdfSignature(X509Certificate2 Certificate, DateTimeOffset SignedAt, string Reason)
{
    /// <summary>ISO 32000-2, 7.9.4, in UTC.</summary>
    internal const string DateForm = "'D:'yyyyMMddHHmmss'Z'";
}

/// <summary>Who signed a PDF, as far as the PDF itself can say.</summary>
/// <param name="CertificateFingerprint">
/// <c>sha256:</c> and 64 hexadecimal digits over the certificate. It identifies the signer only for those who compare
/// it with a fingerprint they got elsewhere: anybody can make a certificate in any name.
/// </param>
/// <param name="Subject">The name in the certificate.</param>
/// <param name="SignedAt">The signer's own clock; covered by the signature, confirmed by nobody else.</param>
/// <param name="Reason">Why it was signed, in the signer's words.</param>
public sealed record PdfSigner(string CertificateFingerprint, string Subject, DateTimeOffset SignedAt, string Reason);

/// <summary>What a signature check found: the signer when the signature holds, otherwise one sentence that says why not.</summary>
public sealed record PdfSignatureReport(PdfSigner? Signer, string? Refusal)
{
    public bool Holds => Signer is not null;
}
