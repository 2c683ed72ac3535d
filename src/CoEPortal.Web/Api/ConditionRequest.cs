using System.Text.Json;
using System.Text.Json.Serialization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;

namespace CoEPortal.Web.Api;

/// <summary>A condition of a decision: its text alone, or <c>{text, owner, dueOn}</c> with the owner's id and an ISO date.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct ConditionRequest(ConditionDraft Draft)
{
    private sealed record Written(string? Text, string? Owner, DateOnly? DueOn);

    private sealed class Converter : JsonConverter<ConditionRequest>
    {
        public override ConditionRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is JsonTokenType.String ? new ConditionRequest(new ConditionDraft(reader.GetString()!))
            : reader.TokenType is JsonTokenType.StartObject && JsonSerializer.Deserialize<Written>(ref reader, options) is { } written
                ? new ConditionRequest(new ConditionDraft(
                    written.Text ?? "", written.Owner is { Length: > 0 } owner ? new PersonId(owner) : null, written.DueOn))
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, ConditionRequest value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new Written(value.Draft.Text, value.Draft.Owner?.Value, value.Draft.DueOn), options);
    }
}
