using System.Security.Cryptography.X509Certificates;
using CoEPortal.Enforcement;
using CoEPortal.Enforcement.Probes;
using CoEPortal.Web.Reports;

namespace CoEPortal.Web.Startup;

/// <summary>What enforcement needs of the host: a file to remember in, and the key that also signs reports.</summary>
public static class Decisions
{
    public static void AddDecisions(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SigningKey>();
        var memory = Path.Combine(PortalDatabase.DataDirectoryOf(builder.Configuration), "enforcement", "last-known.json");
        builder.Services.AddEnforcement(memory, CertificateOf);
        builder.Services.AddRouteProbes(RouteProbeSettings.Read(builder.Configuration));
    }

    /// <summary>A node without a usable key still serves: gateways that check signatures then keep what they have.</summary>
    private static X509Certificate2? CertificateOf(IServiceProvider provider)
    {
        try
        {
            return provider.GetRequiredService<SigningKey>().Certificate;
        }
        catch (PdfUnavailableException)
        {
            return null;
        }
    }
}
