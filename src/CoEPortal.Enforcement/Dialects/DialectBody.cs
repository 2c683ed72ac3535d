using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CoEPortal.Enforcement.Dialects;

/// <summary>
/// Reads a body that may carry prompts: only the few values that identify a request are taken out of it, nothing of it is
/// stored or logged, and errors never repeat it.
/// </summary>
internal static class DialectBody
{
    public const int LargestBytes = 8 * 1024 * 1024;

    /// <returns>The document, for the caller to dispose; null when it is too large, too deep or not a JSON object.</returns>
    public static async Task<JsonDocument?> ReadAsync(HttpContext context)
    {
        if (context.Request.ContentLength > LargestBytes)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestBytes;
        }

        try
        {
            var document = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 64 }, context.RequestAborted);
            if (document.RootElement.ValueKind is JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (Exception error) when (error is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <returns>The text at a path of properties, if it is one and not longer than a name can be.</returns>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (element.ValueKind is not JsonValueKind.Object || !element.TryGetProperty(name, out element))
            {
                return null;
            }
        }

        return element.ValueKind is JsonValueKind.String && element.GetString() is { Length: > 0 and <= 300 } text ? text : null;
    }
}
