using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CoEPortal.Evidence;

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

    public string ActorName { get; private init; } = "";

    public string Action { get; private init; } = "";

    public string? ContentHash { get; private init; }

    /// <summary>Canonical JSON (RFC 8785).</summary>
    public string Body { get; private init; } = "{}";

    internal static AuditEvent Of(RecordedEvent recorded, (string Type, string Key) subject) => Of(recorded, subject, recorded.Event);

    private static AuditEvent Of(RecordedEvent recorded, (string Type, string Key) subject, GovernanceEvent happened) => new()
    {
        EventId = recorded.Id,
        SubjectType = subject.Type,
        SubjectKey = subject.Key,
        SubjectVersion = recorded.Number,
        UseCaseKey = happened.UseCaseKey,
        OccurredAt = happened.At,
        ActorId = happened.By.Id.Value,
        ActorName = happened.By.Name,
        Action = happened.GetType().Name,
        ContentHash = happened.SignedContent,
        Body = Encoding.UTF8.GetString(CanonicalJson.Write(JsonSerializer.SerializeToNode(happened, happened.GetType(), BodyFormat))),
    };
}
