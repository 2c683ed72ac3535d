using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Documents;

/// <summary>A file that somebody gave: bounded, typed by what it holds and not by its name, and without keys where it is text.</summary>
/// <param name="Name">As the person called it; only shown.</param>
/// <param name="Hash">Of the content as it is kept, as <c>sha256:…</c>.</param>
/// <param name="KeysTaken">Whether keys were taken out of it: what is kept is then no longer what was given.</param>
public sealed record UploadedFile(string Name, string MediaType, byte[] Content, string Hash, bool KeysTaken)
{
    public const int LargestBytes = 10 * 1024 * 1024;
    public const int NameLength = 120;

    private static readonly SearchValues<byte> NoText = SearchValues.Create([.. Enumerable.Range(0, 32).Except([9, 10, 13]).Select(b => (byte)b), 127]);

    /// <exception cref="RuleViolationException">It is empty, too large, or none of the kinds that are kept.</exception>
    public static UploadedFile Read(string name, byte[] content)
    {
        Refuse.If(content.Length == 0, "empty-file", "The file is empty.");
        DemandSize(content.Length);
        var type = TypeOf(content);
        Refuse.If(type is null, "file-type-unknown", "Only PDF, PNG, JPEG, JSON and UTF-8 text are kept, by what they hold and not by their name. Anything else stays where it is: name its link and SHA-256.");
        var kept = type is "text/plain" or "application/json" ? WithoutKeys(content) : content;
        return new UploadedFile(Shown(name), type, kept, "sha256:" + Convert.ToHexStringLower(SHA256.HashData(kept)), !ReferenceEquals(kept, content));
    }

    /// <exception cref="RuleViolationException">It is larger than any that is kept.</exception>
    public static void DemandSize(long bytes) =>
        Refuse.If(bytes > LargestBytes, "file-too-large", $"The file has more than {LargestBytes / 1024 / 1024} MB. Keep it where it is, and name its link and SHA-256.");

    /// <summary>What a kept file is called when it is fetched: never by what somebody called it.</summary>
    public static string ExtensionOf(string mediaType) => mediaType switch
    {
        "application/pdf" => "pdf",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "application/json" => "json",
        _ => "txt",
    };

    private static string? TypeOf(byte[] content) =>
        content.AsSpan().StartsWith("%PDF-"u8) ? "application/pdf"
        : content.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) ? "image/png"
        : content.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? "image/jpeg"
        : content.AsSpan().ContainsAny(NoText) || !System.Text.Unicode.Utf8.IsValid(content) ? null
        : IsJson(content) ? "application/json"
        : "text/plain";

    private static bool IsJson(byte[] content)
    {
        try
        {
            var reader = new Utf8JsonReader(content);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] WithoutKeys(byte[] content)
    {
        var text = Encoding.UTF8.GetString(content);
        var kept = Redaction.OfKeys(text);
        return kept == text ? content : Encoding.UTF8.GetBytes(kept);
    }

    private static string Shown(string name)
    {
        var last = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
        var plain = string.Concat(last.Where(c => !char.IsControl(c) && char.GetUnicodeCategory(c) is not System.Globalization.UnicodeCategory.Format)).Trim();
        return plain.Length == 0 ? "file" : plain.Length <= NameLength ? plain : plain[..NameLength];
    }
}
