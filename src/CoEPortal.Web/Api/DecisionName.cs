using System.Text.Json;
using System.Text.Json.Serialization;
using CoEPortal.Governance.Approvals;

namespace CoEPortal.Web.Api;

/// <summary>A decision by the words of the API: <c>approve</c>, <c>approve-with-conditions</c>, <c>request-changes</c>, <c>veto</c>.</summary>
[JsonConverter(typeof(Converter))]
public readonly record struct DecisionName(DecisionKind Kind)
{
    private sealed class Converter : JsonConverter<DecisionName>
    {
        public override DecisionName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType is not JsonTokenType.String ? throw new JsonException()
            : reader.GetString() switch
            {
                "approve" => new DecisionName(DecisionKind.Approve),
                "approve-with-conditions" => new DecisionName(DecisionKind.ApproveWithConditions),
                "request-changes" => new DecisionName(DecisionKind.RequestChanges),
                "veto" => new DecisionName(DecisionKind.Veto),
                _ => throw new JsonException(),
            };

        public override void Write(Utf8JsonWriter writer, DecisionName value, JsonSerializerOptions options) =>
            writer.WriteStringValue(JsonNamingPolicy.KebabCaseLower.ConvertName(value.Kind.ToString()));
    }
}
