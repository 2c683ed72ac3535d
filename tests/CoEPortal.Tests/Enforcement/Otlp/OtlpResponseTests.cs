using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Tests.Enforcement.Otlp;

public sealed class OtlpResponseTests
{
    [Fact]
    public void Full_success_leaves_partial_success_unset()
    {
        Assert.Empty(OtlpResponse.Accepted(OtlpMediaType.Protobuf));
        AssertJson("{}", OtlpResponse.Accepted(OtlpMediaType.Json));
    }

    [Fact]
    public void Rejected_spans_are_told_with_their_number_and_reason()
    {
        Assert.Equal(
            Wire.Bytes(1, Wire.Varint(1, 300), Wire.Text(2, "bad times")),
            OtlpResponse.Accepted(OtlpMediaType.Protobuf, 300, "bad times"));
        AssertJson(
            """{"partialSuccess":{"rejectedSpans":"300","errorMessage":"bad times"}}""",
            OtlpResponse.Accepted(OtlpMediaType.Json, 300, "bad times"));
    }

    [Fact]
    public void A_warning_is_a_message_without_rejections()
    {
        Assert.Equal(
            Wire.Bytes(1, Wire.Text(2, "unknown use case")),
            OtlpResponse.Accepted(OtlpMediaType.Protobuf, 0, "unknown use case"));
        AssertJson(
            """{"partialSuccess":{"rejectedDataPoints":"0","errorMessage":"unknown use case"}}""",
            OtlpResponse.Accepted(OtlpMediaType.Json, 0, "unknown use case", "rejectedDataPoints"));
    }

    [Fact]
    public void A_refusal_is_a_status_with_a_message()
    {
        Assert.Equal(Wire.Text(2, "too long"), OtlpResponse.Refused(OtlpMediaType.Protobuf, "too long"));
        AssertJson("""{"message":"too long"}""", OtlpResponse.Refused(OtlpMediaType.Json, "too long"));
    }

    [Theory]
    [InlineData("application/x-protobuf", "application/x-protobuf")]
    [InlineData("application/json; charset=utf-8", "application/json")]
    [InlineData("text/html", "application/json")]
    [InlineData(null, "application/json")]
    public void The_answer_has_the_media_type_of_the_question(string? asked, string answered) =>
        Assert.Equal(answered, OtlpResponse.MediaTypeFor(asked).ContentType());

    private static void AssertJson(string expected, byte[] actual) =>
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), Encoding.UTF8.GetString(actual));
}
