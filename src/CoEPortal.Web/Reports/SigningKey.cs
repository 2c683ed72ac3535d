using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Governance.Access;
using CoEPortal.Web.Startup;

namespace CoEPortal.Web.Reports;

/// <summary>
/// The certificate that signs reports: the PEM file of <c>Portal__SigningKey</c> (certificate, then key), or one made once
/// and kept in the data directory where only the portal's account can read it.
/// </summary>
public sealed class SigningKey(IConfiguration settings, Organisation organisation, TimeProvider clock) : IDisposable
{
    private const string FileName = "signing-key.pem";
    private const int NameLength = 64;

    private readonly Lock _reading = new();
    private X509Certificate2? _certificate;

    /// <exception cref="PdfUnavailableException">There is none that can be used now; the message says what to do.</exception>
    public X509Certificate2 Certificate
    {
        get
        {
            lock (_reading)
            {
                _certificate ??= Read();
            }

            return _certificate.NotAfter.ToUniversalTime() > clock.GetUtcNow()
                ? _certificate
                : throw new PdfUnavailableException(
                    $"The certificate that signs reports ended on {_certificate.NotAfter:yyyy-MM-dd}: put a new one in {Path} and start again.");
        }
    }

    public void Dispose() => _certificate?.Dispose();

    private string Path => settings["Portal:SigningKey"] is { Length: > 0 } given
        ? given
        : System.IO.Path.Combine(PortalDatabase.DataDirectoryOf(settings), FileName);

    private X509Certificate2 Read()
    {
        try
        {
            return SigningCertificate.FromPem(KeyFile.Read(Path, settings["Portal:SigningKey"] is { Length: > 0 } ? null : Make));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PdfUnavailableException($"Reports cannot be signed: {Path} holds no certificate with its key that the portal can read.", error);
        }
    }

    private string Make()
    {
        using var made = SigningCertificate.Create(
            organisation.Name.Length > NameLength ? organisation.Name[..NameLength] : organisation.Name, clock.GetUtcNow());
        return SigningCertificate.ToPem(made);
    }
}
