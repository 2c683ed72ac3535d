using System.Buffers;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// A second line behind reading only named fields: a text that looks like a key is not kept, whatever field it came in.
/// Knows how OpenAI, Anthropic, AWS, Google, GitHub, Slack and we ourselves begin our keys, JSON web tokens, and
/// <c>Authorization</c> values.
/// </summary>
internal static class Secrets
{
    public const string Redacted = "[redacted]";

    private static readonly SearchValues<string> Beginnings = SearchValues.Create(
        ["sk-", "sk_", "pk-", "Bearer ", "Basic ", "AKIA", "ASIA", "AIza", "ghp_", "gho_", "github_pat_", "xoxb-", "xoxp-", "coe_", "eyJ", "-----BEGIN"],
        StringComparison.Ordinal);

    public static string Redact(string text)
    {
        var rest = text.AsSpan();
        for (var at = rest.IndexOfAny(Beginnings); at >= 0;)
        {
            // "risk-score" holds no key, "sk-score" might
            if (at == 0 || !char.IsAsciiLetterOrDigit(rest[at - 1]))
            {
                return Redacted;
            }

            rest = rest[(at + 1)..];
            at = rest.IndexOfAny(Beginnings);
        }

        return text;
    }
}
