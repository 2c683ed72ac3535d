using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CoEPortal.Evidence.Log;

namespace CoEPortal.Tests.Evidence.Log;

/// <summary>The example of FORMAT.md, which was made with another program (node:crypto).</summary>
public sealed class SealedTextsTests
{
    private const string Person = "mara@demo";
    private const string EventKey = "XDHlm+GwCnYaH0ozNsbNSLm0bIePAFJ75epzwe4C2+8=";
    private const string Sealed =
        "ayerYWHkf1JfRFVXg8ynnLN8qaRc5HxKRY0mhMgOeW1kZWZnaGlqa2xtbm/rI/103TX/HfIxEHvTdm9GJDWSyUi2Vi3L2Hv05480y+v3OcVo1hYrAWcibgEHDa4UjtsBSwyiq3zAcrmNU9asKszp8HY6+AK0avgaZdw022TwrnxmV3vlpaaGHBAB4dmc/coxyfFsH8C+9+Cue/9l14o=";

    private static readonly Guid Event = Guid.Parse("0193571b-6a00-7000-8000-000000000001");
    private static readonly byte[] PersonKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private static JsonObject Texts => new() { ["actorName"] = "Mara Lindqvist", ["comment"] = "Approved for the pilot.", ["conditions/0"] = "Keep the logs." };

    [Fact]
    public void The_key_of_an_event_follows_from_the_persons_key_and_the_events_id() =>
        Assert.Equal(EventKey, Convert.ToBase64String(SealedTexts.KeyOf(PersonKey, Event)));

    [Fact]
    public void What_is_sealed_has_these_bytes() =>
        Assert.Equal(Sealed, SealedTexts.Seal(Convert.FromBase64String(EventKey), Event, Person, Texts, [.. Enumerable.Range(100, 12).Select(i => (byte)i)]));

    [Fact]
    public void It_opens_with_its_key_for_its_event_and_its_person_only()
    {
        var key = Convert.FromBase64String(EventKey);

        Assert.True(JsonNode.DeepEquals(Texts, SealedTexts.Open(key, Event, Person, Sealed)));
        Assert.ThrowsAny<CryptographicException>(() => SealedTexts.Open(SealedTexts.KeyOf(PersonKey, Guid.Empty), Event, Person, Sealed));
        Assert.ThrowsAny<CryptographicException>(() => SealedTexts.Open(key, Guid.Empty, Person, Sealed));
        Assert.ThrowsAny<CryptographicException>(() => SealedTexts.Open(key, Event, "mara@other", Sealed));
        Assert.ThrowsAny<CryptographicException>(() => SealedTexts.Open(key, Event, Person, "AAAA"));
        Assert.ThrowsAny<CryptographicException>(() => SealedTexts.Open(key, Event, Person, "no base64"));
    }

    [Fact]
    public void The_same_text_is_never_sealed_to_the_same_bytes() =>
        Assert.NotEqual(SealedTexts.Seal(PersonKey, Event, Person, Texts), SealedTexts.Seal(PersonKey, Event, Person, Texts));

    [Fact]
    public void Texts_are_put_back_where_they_were_taken_out()
    {
        var body = JsonNode.Parse("""{"conditions":[null,null],"revision":1}""")!.AsObject();

        SealedTexts.Restore(body, new JsonObject { ["comment"] = "Fine.", ["conditions/1"] = "Keep the logs." });

        Assert.Equal("""{"conditions":[null,"Keep the logs."],"revision":1,"comment":"Fine."}""", body.ToJsonString());
    }

    [Fact]
    public void An_event_with_sealed_texts_is_a_leaf_of_format_2_and_one_from_before_stays_one_of_format_1()
    {
        var at = new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero);
        var before = new LoggedEvent(Event, "use-case", "UC-0001", 1, "UC-0001", at, at, "1", "portal_runtime", Person, "Mara Lindqvist", null, "UseCaseStarted", null, """{"key":"UC-0001"}""");

        Assert.Equal(
            """{"action":"UseCaseStarted","actorId":"mara@demo","actorName":"Mara Lindqvist","body":"{\"key\":\"UC-0001\"}","contentHash":null,"databaseUser":"portal_runtime","eventId":"0193571b-6a00-7000-8000-000000000001","format":1,"occurredAt":"2026-11-22T09:30:00.000000Z","onBehalfOf":null,"recordedAt":"2026-11-22T09:30:00.000000Z","subjectKey":"UC-0001","subjectType":"use-case","subjectVersion":1,"transactionId":"1","useCaseKey":"UC-0001"}""",
            Encoding.UTF8.GetString(before.Write()));
        Assert.Equal(
            """{"action":"UseCaseStarted","actorId":"mara@demo","actorName":"","body":"{\"key\":\"UC-0001\"}","contentHash":null,"databaseUser":"portal_runtime","eventId":"0193571b-6a00-7000-8000-000000000001","format":2,"occurredAt":"2026-11-22T09:30:00.000000Z","onBehalfOf":null,"recordedAt":"2026-11-22T09:30:00.000000Z","sealed":"{}","subjectKey":"UC-0001","subjectType":"use-case","subjectVersion":1,"transactionId":"1","useCaseKey":"UC-0001"}""",
            Encoding.UTF8.GetString((before with { ActorName = "", Sealed = "{}" }).Write()));
    }
}
