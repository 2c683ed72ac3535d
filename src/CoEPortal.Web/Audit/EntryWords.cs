using System.Text.Json.Nodes;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Audit;

/// <summary>The data of a leaf as a list a person can read: what the database set, what the portal said, then what the event itself tells.</summary>
internal static class EntryWords
{
    private static readonly (string Member, string Name)[] Columns =
    [
        ("action", "Event"), ("actorName", "By"), ("actorId", "Id"), ("onBehalfOf", "For"), ("occurredAt", "Portal’s clock"),
        ("recordedAt", "Database’s clock"), ("subjectType", "Subject"), ("subjectKey", "Key"), ("subjectVersion", "Number there"),
        ("contentHash", "Content"), ("transactionId", "Transaction"), ("databaseUser", "Database user"),
    ];

    public static IReadOnlyList<(string Name, string Value)> Of(string data)
    {
        var entry = JsonNode.Parse(data)!.AsObject();
        var body = JsonNode.Parse((string)entry["body"]!)!.AsObject();
        var people = entry["sealed"] is { } texts ? JsonNode.Parse((string)texts!)!.AsObject().Count : 0;
        return
        [
            .. Columns.Where(c => entry[c.Member]?.ToString() is { Length: > 0 }).Select(c => (c.Name, entry[c.Member]!.ToString())),
            .. body.Where(p => p.Value is not null && p.Value.ToString().Length > 0).Select(p => (p.Key, p.Value!.ToString())),
            .. people > 0 ? [("Sealed", $"names and words of {InWords.Count(people, "person", "people")}, as the list shows them")] : Array.Empty<(string, string)>(),
        ];
    }
}
