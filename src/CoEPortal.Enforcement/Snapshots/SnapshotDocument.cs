using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Training;

namespace CoEPortal.Enforcement.Snapshots;

/// <summary>
/// What a gateway holds to decide by itself; SNAPSHOT.md is the format. Every state is written out: what is missing or blank
/// reads as deny. Made and signed once for each generation, so a thousand gateways cost no more than one.
/// </summary>
/// <param name="Generation">Strictly growing; a gateway refuses a smaller one than it holds.</param>
/// <param name="Body">UTF-8 JSON.</param>
/// <param name="Signature">Detached JWS over <paramref name="Body"/> (RFC 7515, appendix F), or empty when the node has no key.</param>
public sealed record SnapshotDocument(long Generation, byte[] Body, string Signature)
{
    /// <summary>The same for who cannot read JSON, and its own signature.</summary>
    public byte[] Lines { get; private init; } = [];

    public string LinesSignature { get; private init; } = "";

    public string ETag { get; } = $"\"{Generation}\"";

    public static SnapshotDocument Of(EnforcementSnapshot snapshot, Organisation organisation, SnapshotSigner signer, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, snapshot, organisation.Name, now);
        }

        var body = buffer.ToArray();
        var lines = SnapshotLines.Of(snapshot);
        return new SnapshotDocument(snapshot.Generation, body, signer.Sign(body)) { Lines = lines, LinesSignature = signer.Sign(lines) };
    }

    private static void Write(Utf8JsonWriter json, EnforcementSnapshot snapshot, string origin, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteNumber("format", 1);
        json.WriteString("origin", origin);
        json.WriteNumber("generation", snapshot.Generation);
        json.WriteString("issued_at", now.UtcDateTime);
        json.WriteString("default", "deny");
        json.WritePropertyName("everything");
        json.WriteStartObject();
        Hold(json, snapshot.Everything);
        json.WriteEndObject();
        List(json, "use_cases", snapshot.UseCases.Values.OrderBy(u => u.Key, StringComparer.Ordinal), u =>
        {
            json.WriteString("use_case", u.Key);
            json.WriteString("fail_mode", u.FailsOpen ? "open" : "closed");
            json.WriteNumber("max_stale_s", (long)u.MaxStale.TotalSeconds);
            if (u.Approved || u.Stopped is not null)
            {
                Hold(json, u.Stopped, StateOf(u));
            }
            else
            {
                json.WriteString("state", u.WhenNotApproved.Reason);
            }

            json.WriteBoolean("approved", u.Approved);
            if (u.Courses.Count > 0)
            {
                json.WriteStartArray("courses");
                foreach (var course in u.Courses)
                {
                    json.WriteStringValue(course);
                }

                json.WriteEndArray();
            }

            if (u.Grace is { } grace)
            {
                json.WriteString("grace", grace);
            }
        });
        List(json, "models", snapshot.Models.OrderBy(m => m.Key, StringComparer.Ordinal), m => Named("model", m.Key, m.Value));
        List(json, "gateways", snapshot.Gateways.OrderBy(g => g.Key, StringComparer.Ordinal), g => Named("gateway", g.Key, g.Value));
        List(json, "keys", snapshot.Credentials.OrderBy(c => c.Key.Kind).ThenBy(c => c.Key.Value, StringComparer.Ordinal), c =>
        {
            json.WriteString("kind", c.Key.Kind switch
            {
                CredentialKind.KeyHash => "key_hash",
                CredentialKind.Route => "route",
                _ => "team",
            });
            json.WriteString("value", c.Key.Value);
            json.WriteString("use_case", c.Value);
        });
        if (snapshot.Training.Salt.Length > 0)
        {
            json.WriteString("learner_salt", Convert.ToHexStringLower(snapshot.Training.Salt));
            List(json, "courses", snapshot.Training.ByCourse.OrderBy(c => c.Key, StringComparer.Ordinal), c =>
            {
                json.WriteString("course", c.Key);
                json.WriteBase64String("learners", [.. c.Value.Order().SelectMany(LearnerHash.ToBytes)]);
            });
        }

        if (snapshot.LogCheckpoint is { } checkpoint)
        {
            json.WriteString("log_checkpoint", checkpoint);
        }

        json.WriteEndObject();

        void Named(string property, string name, EngagedSwitch engaged)
        {
            json.WriteString(property, name);
            Hold(json, engaged);
        }
    }

    /// <summary>The word for what holds a use case, a model, a gateway or everything, with what belongs to it.</summary>
    internal static void Hold(Utf8JsonWriter json, EngagedSwitch? engaged, string? state = null)
    {
        json.WriteString("state", state ?? StateOf(engaged));
        if (engaged is null)
        {
            return;
        }

        json.WriteString("reason", engaged.Reason);
        json.WriteString("switch_id", engaged.SwitchId);
        json.WriteString("message", engaged.Message);
        if (engaged.Share > 0)
        {
            json.WriteString("held", WordOf(engaged.Mode));
            json.WriteNumber("share", engaged.Share);
        }

        if (engaged.FallbackModel is { } fallback)
        {
            json.WriteString("degrade_to", fallback);
        }

        if (engaged.Rollback is { } rollback)
        {
            json.WriteString("rollback_to", rollback);
        }
    }

    /// <summary>
    /// What asks for training is never <c>allow</c>: who does not know the word denies it. And what is softened as well is a
    /// stop, since who knows only the softer word would let through whom nobody trained.
    /// </summary>
    internal static string StateOf(GovernedUseCase useCase) =>
        useCase.Courses.Count == 0 ? StateOf(useCase.Stopped) : useCase.Stopped is null ? "training" : "stop";

    internal static string StateOf(EngagedSwitch? engaged) => engaged is null ? "allow" : engaged.Share > 0 ? "limited" : WordOf(engaged.Mode);

    private static string WordOf(SwitchMode mode) => mode.ToString().ToLowerInvariant();

    private static void List<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
