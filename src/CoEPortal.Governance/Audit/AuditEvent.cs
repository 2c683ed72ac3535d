using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;

namespace CoEPortal.Governance.Audit;

/// <summary>A row of <c>audit.event</c>. Written once, in the transaction of the change it tells of.</summary>
public sealed class AuditEvent
{
    // An override does not inherit [JsonIgnore], so what has a column of its own is left out by name.
    private static readonly string[] Columns = ["by", "at", "useCaseKey", "signedContent"];

    private static readonly JsonSerializerOptions BodyFormat = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver
        {
            Modifiers =
            {
                type =>
                {
                    foreach (var property in type.Properties.Where(p => type.Type.IsSubclassOf(typeof(GovernanceEvent)) && Columns.Contains(p.Name)).ToList())
                    {
                        type.Properties.Remove(property);
                    }
                },
            },
        },
    };

    public Guid EventId { get; private init; }

    public string SubjectType { get; private init; } = "";

    public string SubjectKey { get; private init; } = "";

    public int SubjectVersion { get; private init; }

    public string? UseCaseKey { get; private init; }

    /// <summary>By the portal's clock.</summary>
    public DateTimeOffset OccurredAt { get; private init; }

    /// <summary>By the database's own clock, which the portal cannot set.</summary>
    public DateTimeOffset RecordedAt { get; private init; }

    public string ActorId { get; private init; } = "";

    /// <summary>Empty where it is sealed.</summary>
    public string ActorName { get; private init; } = "";

    public string Action { get; private init; } = "";

    public string? ContentHash { get; private init; }

    /// <summary>Canonical JSON (RFC 8785), without what is sealed.</summary>
    public string Body { get; private init; } = "{}";

    /// <summary>By person, what is personal in it, encrypted: canonical JSON. Null in rows from before there was such a thing.</summary>
    public string? Sealed { get; private set; } = "{}";

    /// <summary>What waits to be sealed when this is saved, by person.</summary>
    internal IReadOnlyDictionary<string, JsonObject> Unsealed { get; private set; } = new Dictionary<string, JsonObject>();

    internal static AuditEvent Of(RecordedEvent recorded, (string Type, string Key) subject) => Of(recorded, subject, recorded.Event);

    /// <param name="keys">Of each person in <see cref="Unsealed"/>; null of one who was erased: their texts are left out.</param>
    internal void Seal(IReadOnlyDictionary<string, byte[]?> keys)
    {
        var texts = new JsonObject();
        foreach (var (person, own) in Unsealed)
        {
            if (keys[person] is { } key)
            {
                texts[person] = SealedTexts.Seal(SealedTexts.KeyOf(key, EventId), EventId, person, own);
            }
        }

        Sealed = Canonical(texts);
        Unsealed = new Dictionary<string, JsonObject>();
    }

    private static AuditEvent Of(RecordedEvent recorded, (string Type, string Key) subject, GovernanceEvent happened)
    {
        var action = happened.GetType().Name;
        var body = JsonSerializer.SerializeToNode(happened, happened.GetType(), BodyFormat)!.AsObject();
        var personal = PersonalTexts.TakeOut(action, body, happened.By);
        return new AuditEvent
        {
            EventId = recorded.Id,
            SubjectType = subject.Type,
            SubjectKey = subject.Key,
            SubjectVersion = recorded.Number,
            UseCaseKey = happened.UseCaseKey,
            OccurredAt = happened.At,
            ActorId = happened.By.Id.Value,
            ActorName = happened.By.Id.IsOfAPerson ? "" : happened.By.Name,
            Action = action,
            ContentHash = happened.SignedContent,
            Body = Canonical(body),
            Unsealed = personal,
        };
    }

    private static string Canonical(JsonObject document) => Encoding.UTF8.GetString(CanonicalJson.Write(document));
}
