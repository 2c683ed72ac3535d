using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CoEPortal.Evidence.Bundle;

/// <summary>The file is no evidence bundle, or one of a schema this version does not know.</summary>
public sealed class BundleFormatException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>
/// What the portal knows about one subject, for machines: the <c>evidence.json</c> inside an audit PDF.
/// </summary>
/// <remarks>
/// <para><see cref="BundleCheck"/> shows that a bundle agrees with itself. The PDF's signature shows that the portal made it.</para>
/// <para>
/// <see cref="Log"/> proves that each event is in the audit log as it was numbered (<c>Verify.BundleLogCheck</c>). It does not
/// prove completeness: whoever holds the portal's database and key can leave out the newest events of a subject, or a whole
/// subject. Only the log itself, checked against checkpoints that somebody outside has kept, shows that nothing is missing.
/// </para>
/// </remarks>
/// <param name="Schema"><see cref="CurrentSchema"/>; a reader refuses what it does not know.</param>
/// <param name="SubjectKey">What it is about: a use case (<c>UC-0001</c>), a period (<c>2026-10-01/2026-10-31</c>), a portfolio, a drill.</param>
/// <param name="GeneratedAt">When the bundle was made, by the portal's clock.</param>
/// <param name="Generator">The program and version that made it.</param>
/// <param name="Content">The revisions, oldest first.</param>
/// <param name="Events">As in the audit log; each subject's from its first to its newest, in order.</param>
/// <param name="Decisions">Every decision on any of the revisions, whether it still counts or not.</param>
/// <param name="Usage">Calls and cost of the reported period; null when none was reported.</param>
/// <param name="Switches">Every time a switch over this use case was engaged or released.</param>
/// <param name="Log">Proofs that the events are in the audit log; null where the portal kept none yet.</param>
/// <param name="Drill">The figures of a rehearsal, where the bundle is about one.</param>
/// <param name="Portfolio">Each use case of a portfolio, where the bundle is about one.</param>
public sealed record EvidenceBundle(
    string Schema,
    string SubjectKey,
    DateTimeOffset GeneratedAt,
    string Generator,
    BundleContent Content,
    IReadOnlyList<BundleEvent> Events,
    IReadOnlyList<BundleDecision> Decisions,
    BundleUsage? Usage,
    IReadOnlyList<BundleSwitchChange> Switches,
    BundleLog? Log = null,
    BundleDrill? Drill = null,
    IReadOnlyList<BundlePortfolioEntry>? Portfolio = null)
{
    public const string CurrentSchema = "coeportal/evidence-bundle/4";

    // Reports that were handed out carry them: without proofs, of use cases only, and without sealed texts.
    private const string FirstSchema = "coeportal/evidence-bundle/1";
    private const string SecondSchema = "coeportal/evidence-bundle/2";
    private const string ThirdSchema = "coeportal/evidence-bundle/3";

    /// <summary>The name under which a bundle is attached to an audit PDF.</summary>
    public const string FileName = "evidence.json";

    public const string MediaType = "application/json";

    internal bool NamesActors => Schema is CurrentSchema;

    internal bool IsOfKnownSchema => Schema is CurrentSchema || Log?.Openings is null && Events.All(e => e.ActorName is null) && (Schema is ThirdSchema
        || Schema is FirstSchema or SecondSchema && Drill is null && Portfolio is null && Log?.Range is null && (Schema is SecondSchema || Log is null));

    // Strict in both directions: what a reader does not know, it cannot have checked.
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = CanonicalJson.MaxDepth,
        Converters = { new InstantConverter(), new AmountConverter() },
    };

    /// <summary>The bundle in its canonical bytes (RFC 8785).</summary>
    /// <exception cref="CanonicalJsonException">Something in it has no canonical form.</exception>
    public byte[] Write() => CanonicalJson.Write(JsonSerializer.SerializeToNode(this, Format));

    /// <summary>Reads a bundle of any spelling.</summary>
    /// <exception cref="BundleFormatException">Not a bundle, or of another schema.</exception>
    public static EvidenceBundle Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var document = CanonicalJson.Parse(utf8);
            RequireKnownSchema(document);
            var bundle = document.Deserialize<EvidenceBundle>(Format)!;
            RequireNoGaps(bundle);
            return bundle;
        }
        catch (CanonicalJsonException unclear)
        {
            throw new BundleFormatException($"This is no evidence bundle. {unclear.Message}", unclear);
        }
        catch (JsonException mismatch)
        {
            throw new BundleFormatException($"This is no evidence bundle. {mismatch.Message}", mismatch);
        }
    }

    /// <summary>Before anything else: another schema may give the same words another meaning.</summary>
    private static void RequireKnownSchema(JsonElement document)
    {
        if (document.ValueKind is not JsonValueKind.Object
            || !document.TryGetProperty("schema", out var schema)
            || schema.ValueKind is not JsonValueKind.String)
        {
            throw new BundleFormatException("This is no evidence bundle: it names no schema.");
        }

        if (schema.GetString() is not (CurrentSchema or ThirdSchema or SecondSchema or FirstSchema))
        {
            throw new BundleFormatException($"The bundle's schema is unknown here; only {CurrentSchema} is read.");
        }
    }

    /// <summary>The deserialiser keeps null out of fields, but not out of lists.</summary>
    private static void RequireNoGaps(EvidenceBundle bundle)
    {
        IEnumerable<object?>[] lists =
        [
            bundle.Content.Revisions,
            bundle.Events,
            bundle.Decisions,
            // Lazily, so that a gap in the outer list is found first.
            bundle.Decisions.SelectMany(d => d.Conditions),
            bundle.Usage?.ByModel ?? [],
            bundle.Switches,
            bundle.Switches.SelectMany(s => s.ActorIds),
            bundle.Log?.Entries ?? [],
            bundle.Log?.Entries.SelectMany(e => e.Path) ?? [],
            bundle.Log?.Extends ?? [],
            bundle.Log?.Extends.SelectMany(e => e.Proof) ?? [],
            bundle.Log?.Range?.Entries ?? [],
            bundle.Log?.Range?.Proof ?? [],
            bundle.Log?.Openings?.Values ?? [],
            bundle.Log?.Openings?.Values.SelectMany(o => o.Values) ?? [],
            bundle.Drill?.Silent ?? [],
            bundle.Drill?.Points ?? [],
            bundle.Portfolio ?? [],
        ];
        if (lists.Any(list => list.Contains(null)))
        {
            throw new BundleFormatException("This is no evidence bundle: a list holds nothing where an entry should be.");
        }
    }

    /// <summary>UTC with microseconds, as in the content that is hashed.</summary>
    private sealed class InstantConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String
            && DateTimeOffset.TryParseExact(
                reader.GetString(), CanonicalJson.InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                ? instant
                : throw new JsonException("An instant reads 2026-03-01T09:30:00.000000Z.");

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(CanonicalJson.Text(value));
    }

    /// <summary>Money as a string: a JSON number would be rounded to a double.</summary>
    private sealed class AmountConverter : JsonConverter<decimal>
    {
        private const NumberStyles Form = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;

        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String
            && decimal.TryParse(reader.GetString(), Form, CultureInfo.InvariantCulture, out var amount)
            && CanonicalJson.Text(amount) == reader.GetString()
                ? amount
                : throw new JsonException("An amount is a string such as \"12.5\".");

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteStringValue(CanonicalJson.Text(value));
    }
}

/// <summary>What was proposed.</summary>
public sealed record BundleContent(IReadOnlyList<BundleRevision> Revisions);

/// <summary>One revision as people decided on it.</summary>
/// <param name="Revision">Counts from 1 within the use case.</param>
/// <param name="ContentHash">SHA-256 of <paramref name="Canonical"/> in RFC 8785 form.</param>
/// <param name="Canonical">Everything the hash covers: revision, attachment hashes, DPIA and card hashes, class, rules version.</param>
public sealed record BundleRevision(int Revision, ContentHash ContentHash, JsonObject Canonical);

/// <summary>One event of the audit log.</summary>
/// <param name="EventId">Unique in the log.</param>
/// <param name="SubjectType">What kind of thing it happened to, e.g. <c>use-case</c>.</param>
/// <param name="SubjectKey">Which one.</param>
/// <param name="SubjectVersion">Counts from 1 within the subject, without gaps.</param>
/// <param name="OccurredAt">By the portal's clock.</param>
/// <param name="RecordedAt">By the database's clock.</param>
/// <param name="ActorId">A person (<c>oid@tid</c>) or a rule.</param>
/// <param name="Action">Noun and past participle, e.g. <c>ProposalSubmitted</c>.</param>
/// <param name="ContentHash">What the event was about, when it was about content.</param>
/// <param name="Body">The rest, as recorded, with the sealed texts that the bundle opens put back.</param>
/// <param name="ActorName">Empty where it is sealed and not opened; null in bundles of an earlier schema.</param>
public sealed record BundleEvent(
    Guid EventId,
    string SubjectType,
    string SubjectKey,
    int SubjectVersion,
    DateTimeOffset OccurredAt,
    DateTimeOffset RecordedAt,
    string ActorId,
    string Action,
    ContentHash? ContentHash,
    JsonObject? Body,
    string? ActorName = null);

/// <summary>A person's decision on one revision.</summary>
/// <param name="Revision">The revision that was decided on.</param>
/// <param name="ContentHash">What that revision said when it was decided on.</param>
/// <param name="Function">The function the person decided for, e.g. <c>legal</c>.</param>
/// <param name="PersonId">Who decided (<c>oid@tid</c>).</param>
/// <param name="Outcome"><c>approve</c>, <c>approve-with-conditions</c>, <c>request-changes</c> or <c>veto</c>.</param>
/// <param name="DecidedAt">By the portal's clock.</param>
/// <param name="Comment">In the person's words.</param>
/// <param name="Conditions">The conditions the person saw, their own included.</param>
public sealed record BundleDecision(
    int Revision,
    ContentHash ContentHash,
    string Function,
    string PersonId,
    string Outcome,
    DateTimeOffset DecidedAt,
    string Comment,
    IReadOnlyList<string> Conditions);

/// <summary>What was used and what it cost, from an instant (inclusive) to another (exclusive).</summary>
public sealed record BundleUsage(
    DateTimeOffset From,
    DateTimeOffset To,
    long Calls,
    long UnmeteredCalls,
    long InputTokens,
    long OutputTokens,
    decimal Cost,
    string Currency,
    IReadOnlyList<BundleModelUsage> ByModel);

/// <summary>The share of one model; its cost is null when no price is known for it.</summary>
public sealed record BundleModelUsage(
    string Model, long Calls, long UnmeteredCalls, long InputTokens, long OutputTokens, decimal? Cost);

/// <summary>A switch was engaged or released.</summary>
/// <param name="Scope"><c>use-case</c>, <c>model</c>, <c>gateway</c> or <c>all</c>.</param>
/// <param name="ScopeKey">Which one; the use case's key, the model's name.</param>
/// <param name="Generation">The state of all switches this change made.</param>
/// <param name="Change"><c>engaged</c> or <c>released</c>.</param>
/// <param name="Mode"><c>stop</c>, <c>degrade</c> or <c>rollback</c>.</param>
/// <param name="ChangedAt">By the portal's clock.</param>
/// <param name="ActorIds">One to engage, two to release.</param>
/// <param name="Reason">In their words, or the rule's.</param>
public sealed record BundleSwitchChange(
    string Scope,
    string ScopeKey,
    long Generation,
    string Change,
    string Mode,
    DateTimeOffset ChangedAt,
    IReadOnlyList<string> ActorIds,
    string Reason);

/// <summary>A rehearsal of a stop, by the database's clock.</summary>
/// <param name="Target">A use case, or <c>canary</c>.</param>
/// <param name="ObjectiveMs">Within which it has to hold everywhere.</param>
/// <param name="Generation">The state of all switches it made.</param>
/// <param name="ClickedAt">t0.</param>
/// <param name="CommittedAt">t2.</param>
/// <param name="NodesAt">t3: every node of the portal applied it.</param>
/// <param name="GatewaysAt">t4: every gateway that decides by itself confirmed; null also when there is none.</param>
/// <param name="DeniedAt">t5: the first refusal.</param>
/// <param name="LeakedCalls">t6: calls that started after it held everywhere, and succeeded.</param>
/// <param name="Silent">Who was heard of lately but did not confirm.</param>
public sealed record BundleDrill(
    string Target,
    int ObjectiveMs,
    long Generation,
    DateTimeOffset ClickedAt,
    DateTimeOffset CommittedAt,
    DateTimeOffset? NodesAt,
    DateTimeOffset? GatewaysAt,
    DateTimeOffset? DeniedAt,
    long LeakedCalls,
    decimal LeakedCost,
    IReadOnlyList<string> Silent,
    IReadOnlyList<BundleDrillPoint> Points);

/// <summary>How long after the click one enforcement point applied it.</summary>
public sealed record BundleDrillPoint(string Name, bool IsGateway, decimal AfterMs);

/// <summary>One use case of a portfolio.</summary>
/// <param name="Revision">The one in force, or the newest when none is.</param>
/// <param name="Cost">Null when no price is known for any of its calls.</param>
public sealed record BundlePortfolioEntry(
    string Key, string Stage, int Revision, ContentHash ContentHash, bool IsInForce, string RiskClass, string Lane, bool IsStopped, long Calls, decimal? Cost);
