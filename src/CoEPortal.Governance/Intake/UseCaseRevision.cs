using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Intake;

/// <summary>A card or an impact assessment that is decided on together with a proposal, by the hash of what it says.</summary>
public sealed record ReviewedRecord(string Key, string Hash);

/// <summary>
/// A submitted one-pager, frozen. Its hash covers the text, the class and the pinned rules version, so any edit
/// makes another hash and decisions given for the old one stop counting by construction.
/// </summary>
public sealed class UseCaseRevision
{
    private UseCaseRevision()
    {
    }

    public Guid UseCaseId { get; private init; }

    public int Number { get; private init; }

    public Proposal Proposal { get; private init; } = new();

    public Assessment Assessment { get; private init; } = null!;

    /// <summary>The canonical bytes under the hash, as text: kept so that the hash can be checked without this code.</summary>
    public string Content { get; private init; } = "";

    public string ContentHash { get; private init; } = "";

    /// <summary>The cards and impact assessments that are decided on with it, as they stood. Under the hash, too.</summary>
    public List<ReviewedRecord> Records { get; private init; } = [];

    public string SubmittedBy { get; private init; } = "";

    public string SubmittedByName { get; private init; } = "";

    public DateTimeOffset SubmittedAt { get; private init; }

    internal static UseCaseRevision Freeze(UseCase useCase, int number, Assessment assessment, IReadOnlyList<ReviewedRecord> records, Actor submitter, DateTimeOffset now)
    {
        var content = CanonicalJson.Write(ContentOf(useCase.Key, number, useCase.Draft, assessment, records));
        return new UseCaseRevision
        {
            UseCaseId = useCase.Id,
            Number = number,
            Proposal = useCase.Draft,
            Assessment = assessment,
            Content = Encoding.UTF8.GetString(content),
            ContentHash = Evidence.ContentHash.OfBytes(content).ToString(),
            Records = [.. records],
            SubmittedBy = submitter.Id.Value,
            SubmittedByName = submitter.Name,
            SubmittedAt = now,
        };
    }

    private static JsonObject ContentOf(string key, int number, Proposal proposal, Assessment assessment, IReadOnlyList<ReviewedRecord> records)
    {
        var content = new JsonObject
        {
            ["useCase"] = key,
            ["revision"] = number,
            ["proposal"] = JsonSerializer.SerializeToNode(proposal, ContentFormat),
            ["riskClass"] = Word(assessment.RiskClass),
            ["articles"] = new JsonArray([.. assessment.Articles.Select(a => JsonValue.Create(a))]),
            ["lane"] = Word(assessment.Lane),
            ["tier"] = Word(assessment.Tier),
            ["functions"] = new JsonArray([.. assessment.Functions.Select(f => JsonValue.Create(Word(f)))]),
            ["rulesVersion"] = assessment.RulesVersion,
            // Attachments join here when they exist; an empty list is part of what is signed.
            ["attachments"] = new JsonArray(),
            ["records"] = new JsonArray([.. records.Select(r => new JsonObject { ["key"] = r.Key, ["hash"] = r.Hash })]),
        };
        if (assessment.ClearedAs is { } pattern)
        {
            content["pattern"] = new JsonObject { ["key"] = pattern.Pattern, ["version"] = pattern.Version, ["hash"] = pattern.ContentHash };
        }

        if (assessment.Overridden is { } rules)
        {
            content["override"] = new JsonObject { ["number"] = rules.Number, ["riskClass"] = Word(rules.Class), ["lane"] = Word(rules.Lane) };
        }

        return content;
    }

    private static string Word(Enum value) => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static readonly JsonSerializerOptions ContentFormat = new(ProposalJson.Options) { Converters = { new DecimalAsText() } };

    // A number in JSON is a double to most readers; as text a figure stays what was signed.
    private sealed class DecimalAsText : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            decimal.Parse(reader.GetString()!, CultureInfo.InvariantCulture);

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
            writer.WriteStringValue(CanonicalJson.Text(value));
    }
}
