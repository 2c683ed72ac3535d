using System.Reflection;
using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Gates;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace CoEPortal.Web.Api;

/// <summary>The result of a suite with the bytes it came in, of which a signature is made.</summary>
internal sealed record SentResult(GatesApi.ResultRequest Request, SignedReport? Proof) : IEndpointParameterMetadataProvider
{
    private const string Header = "X-Coe-Signature";

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(GatesApi.ResultRequest)));

    public static async ValueTask<SentResult?> BindAsync(HttpContext http)
    {
        var body = await BodyAsync(http);
        var request = RequestOf(body, http.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions);
        return new SentResult(request, SignatureOf(http) is { } signature ? new SignedReport(request.UseCase, body, signature) : null);
    }

    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[8192];
        for (var read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted); read > 0; read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted))
        {
            whole.Write(buffer, 0, read);
            Refuse.If(whole.Length > SignedReport.LargestBody, "body-too-large", $"The result of a suite has at most {SignedReport.LargestBody / 1024} KB.");
        }

        return whole.ToArray();
    }

    private static GatesApi.ResultRequest RequestOf(byte[] body, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<GatesApi.ResultRequest>(body, options) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new BadHttpRequestException("The body could not be read.", fault);
        }
    }

    private static byte[]? SignatureOf(HttpContext http)
    {
        if (http.Request.Headers[Header].ToString().Trim() is not { Length: > 0 } written)
        {
            return null;
        }

        var signature = new byte[SignedReport.LargestSignature];
        Refuse.If(!Convert.TryFromBase64String(written, signature, out var length) || length < 8, "signature-unreadable", $"{Header} is an ECDSA signature in DER, written in base64.");
        return signature[..length];
    }
}
