using CoEPortal.Governance.Access;
using CoEPortal.Governance.Reports;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace CoEPortal.Web.Reports;

/// <summary>What a printed report says about itself.</summary>
/// <param name="Certificate">Fingerprint of the certificate that signs it.</param>
/// <param name="LogKey">Public key of the audit log.</param>
/// <param name="Contradictions">What does not hold in the evidence that goes with it; nothing when all of it does.</param>
public sealed record AuditPackImprint(
    Organisation Organisation, string RequestedBy, DateTimeOffset GeneratedAt, string Certificate, string EvidenceHash,
    IReadOnlyList<string> Contradictions, string LogKey)
{
    public Paper Paper { get; init; }

    /// <summary>The page of each anchor that the contents name; null before anything was printed.</summary>
    public IReadOnlyDictionary<string, int>? Pages { get; init; }
}

/// <summary>Lays an audit PDF out as one HTML document with everything it shows inside it.</summary>
public sealed class AuditPackHtml(IServiceScopeFactory scopes, ILoggerFactory log)
{
    public async Task<string> OfAsync(AuditPack pack, AuditPackImprint imprint)
    {
        // A renderer asks for services that live as long as a request; outside one it gets a scope of its own.
        await using var scope = scopes.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, log);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(AuditPackDocument.Pack)] = pack,
                [nameof(AuditPackDocument.Imprint)] = imprint,
            });
            return "<!doctype html>" + (await renderer.RenderComponentAsync<AuditPackDocument>(parameters)).ToHtmlString();
        });
    }
}
