using CoEPortal.Governance.Access;
using CoEPortal.Governance.Reports;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace CoEPortal.Web.Reports;

/// <summary>What a printed report says about itself.</summary>
/// <param name="Contradictions">What does not hold in the evidence that goes with it; nothing when all of it does.</param>
/// <param name="Certificate">Fingerprint of the certificate that signs it.</param>
/// <param name="InterFont">The font file as a data URI; null to print with the fonts of the machine.</param>
public sealed record AuditPackImprint(
    Organisation Organisation, string RequestedBy, DateTimeOffset GeneratedAt, string Certificate, string EvidenceHash,
    IReadOnlyList<string> Contradictions, string? InterFont);

/// <summary>Lays an audit PDF out as one HTML document with everything it shows inside it.</summary>
public sealed class AuditPackHtml(IServiceProvider services, ILoggerFactory log, IWebHostEnvironment host)
{
    private const string Inter = "_content/Radzen.Blazor/fonts/InterVariable.woff2";

    public async Task<string> OfAsync(AuditPackContent pack, AuditPackImprint imprint)
    {
        await using var renderer = new HtmlRenderer(services, log);
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

    public async Task<string?> InterFontAsync(CancellationToken cancellation)
    {
        var file = host.WebRootFileProvider.GetFileInfo(Inter);
        if (!file.Exists)
        {
            return null;
        }

        await using var stream = file.CreateReadStream();
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancellation);
        // A plus sign would become a character reference, which a style element does not know.
        return "data:font/woff2;base64," + Convert.ToBase64String(bytes.ToArray()).Replace("+", "%2B", StringComparison.Ordinal);
    }
}
