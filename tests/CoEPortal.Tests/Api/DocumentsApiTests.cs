using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Api;

/// <summary>Documents of a use case, as scripts see them.</summary>
[Collection(typeof(PortalCollection))]
public sealed class DocumentsApiTests(RunningPortal portal)
{
    [Fact]
    public async Task A_document_is_sent_as_a_form_fetched_as_an_attachment_of_its_own_type_and_withdrawn_with_a_reason()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Claims summarisation with retrieval"));
        using var legal = await portal.AsAsync("legal");
        using var auditor = await portal.AsAsync("auditor");
        var address = $"/api/v1/use-cases/{key}/documents";
        using var added = await SendAsync(legal, address, "Opinion of counsel", "<script>alert(1)</script>"u8.ToArray(), "../opinion.html");
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var document = await RunningPortal.JsonAsync(added);
        Assert.Equal(("opinion.html", "text/plain", true), (document["fileName"]!.GetValue<string>(), document["mediaType"]!.GetValue<string>(), document["isKept"]!.GetValue<bool>()));

        using (var file = await auditor.GetAsync(added.Headers.Location))
        {
            Assert.Equal(
                ("text/plain", "attachment", $"{key}-D{document["number"]}.txt"),
                (file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentDisposition!.DispositionType, file.Content.Headers.ContentDisposition.FileName));
            Assert.Equal("nosniff", string.Join("", file.Headers.GetValues("X-Content-Type-Options")));
        }

        Assert.Equal((HttpStatusCode.Conflict, "document-known"), await RefusedAsync(await SendAsync(legal, address, "Again", "<script>alert(1)</script>"u8.ToArray(), "b.txt")));
        Assert.Equal((HttpStatusCode.Conflict, "file-type-unknown"), await RefusedAsync(await SendAsync(legal, address, "A program", [0x4D, 0x5A, 0x90], "a.pdf")));
        Assert.Equal((HttpStatusCode.Conflict, "form-required"), await RefusedAsync(await legal.PostAsJsonAsync(address, new { title = "x" })));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-fields"), await RefusedAsync(await legal.PostAsync(address, new MultipartFormDataContent { { new StringContent("x"), "title" } })));
        Assert.Equal((HttpStatusCode.Forbidden, "not-permitted"), await RefusedAsync(await SendAsync(auditor, address, "Mine", "x"u8.ToArray(), "x.txt")));

        var one = $"{address}/{document["number"]}/withdrawal";
        Assert.Equal((HttpStatusCode.Conflict, "reason-required"), await RefusedAsync(await legal.PostAsJsonAsync(one, new { reason = "" })));
        Assert.Equal(HttpStatusCode.OK, (await legal.PostAsJsonAsync(one, new { reason = "A newer one is there." })).StatusCode);
        var listed = JsonNode.Parse(await auditor.GetStringAsync(address))!.AsArray();
        Assert.Equal("A newer one is there.", listed.Single(d => d!["number"]!.GetValue<int>() == document["number"]!.GetValue<int>())!["reason"]!.GetValue<string>());
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string address, string title, byte[] content, string name)
    {
        using var form = new MultipartFormDataContent { { new StringContent(title), "title" }, { new ByteArrayContent(content), "file", name } };
        return await client.PostAsync(address, form);
    }

    private static async Task<(HttpStatusCode Status, string Rule)> RefusedAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            return (answer.StatusCode, (await RunningPortal.JsonAsync(answer))["rule"]!.GetValue<string>());
        }
    }
}
