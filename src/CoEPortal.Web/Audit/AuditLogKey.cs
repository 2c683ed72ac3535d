using System.Security.Cryptography;
using CoEPortal.Evidence.Log;
using CoEPortal.Web.Startup;

namespace CoEPortal.Web.Audit;

/// <summary>
/// The key of the audit log: the PEM file of <c>Portal__AuditKey</c>, or one made once and kept in the data directory.
/// Several nodes need the same one. Not the key of the reports: that one can be given to a notary's hardware, this signs
/// every second.
/// </summary>
public static class AuditLogKey
{
    private const string FileName = "audit-key.pem";

    /// <exception cref="InvalidOperationException">There is none that can be used; the message says what to do.</exception>
    public static LogKey Read(IConfiguration settings)
    {
        var named = settings["Portal:AuditKey"] is { Length: > 0 } given ? given : null;
        var path = named ?? Path.Combine(PortalDatabase.DataDirectoryOf(settings), FileName);
        var origin = settings["Portal:AuditOrigin"] is { Length: > 0 } said ? said : "coeportal.local/audit";
        try
        {
            return LogKey.FromPem(origin, KeyFile.Read(path, named is not null ? null : () => Make(origin)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new InvalidOperationException($"The audit log cannot be signed: {path} holds no P-256 key in PKCS #8 that the portal can read, or the origin {origin} is none.", error);
        }
    }

    private static string Make(string origin)
    {
        using var made = LogKey.Create(origin);
        return made.ToPem();
    }
}
