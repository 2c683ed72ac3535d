using System.Net;
using System.Net.Http.Json;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Training;

/// <summary>From the learning system to the verdict, over HTTP.</summary>
[Collection(typeof(PortalCollection))]
public sealed class TrainingApiTests(RunningPortal portal)
{
    [Fact]
    public async Task What_a_learning_system_tells_lets_an_end_user_through_and_others_are_told_which_course()
    {
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        using var lead = await portal.AsAsync("coe-lead");
        using var added = await lead.PostAsJsonAsync("/api/v1/training/courses", new { key = "api-course", title = "Course", forRoles = new[] { "legal" }, validForDays = 91, isNewEdition = false, isNeededAgain = false });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        using var required = await lead.PutAsync($"/api/v1/training/courses/api-course/required-by/{key}", null);
        Assert.Equal(HttpStatusCode.OK, required.StatusCode);
        using var gateway = await portal.WithTokenAsync(MachineToken.EnforcementRead);
        using var lms = await portal.WithTokenAsync(MachineToken.TrainingWrite);
        Assert.Equal(("training_required", "api-course"), await AskUntilAsync(gateway, key, "u-1", HttpStatusCode.Forbidden));

        var body = new { completions = new[] { new { course = "api-course", learner = "u-1", completedOn = "2026-01-01", evidence = "C-1" } } };
        body.completions[0] = body.completions[0] with { completedOn = TimeProvider.System.GetUtcNow().AddDays(-2).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) };
        foreach (var (http, status) in new[] { (gateway, HttpStatusCode.Unauthorized), (lead, HttpStatusCode.Unauthorized), (lms, HttpStatusCode.OK) })
        {
            using var answer = await http.PostAsJsonAsync("/api/v1/training/completions", body);
            Assert.Equal(status, answer.StatusCode);
        }

        Assert.Equal(("", ""), await AskUntilAsync(gateway, key, "u-1", HttpStatusCode.NoContent));
        Assert.Equal(("training_required", "api-course"), await AskUntilAsync(gateway, key, null, HttpStatusCode.Forbidden));
        using var ended = await lead.DeleteAsync($"/api/v1/training/courses/api-course/required-by/{key}");
        Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
    }

    [Fact]
    public async Task A_certificate_is_sent_as_a_form_and_fetched_as_an_attachment()
    {
        using var lead = await portal.AsAsync("coe-lead");
        using var added = await lead.PostAsJsonAsync("/api/v1/training/courses", new { key = "by-hand", title = "By hand", validForDays = 91 });
        var day = TimeProvider.System.GetUtcNow().AddDays(-2).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        using var without = new MultipartFormDataContent { { new StringContent("by-hand"), "course" }, { new StringContent("tomorrow"), "completedOn" } };
        using var refused = await lead.PostAsync("/api/v1/training/completions/files", without);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);

        using var form = new MultipartFormDataContent
        {
            { new StringContent("by-hand"), "course" }, { new StringContent("submitter@demo"), "person" }, { new StringContent(day), "completedOn" },
            { new ByteArrayContent("%PDF-1.7 of a course"u8.ToArray()), "file", "mine.pdf" },
        };
        using var taken = await lead.PostAsync("/api/v1/training/completions/files", form);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);

        var row = (await lead.GetFromJsonAsync<System.Text.Json.JsonElement>("/api/v1/training/completions?course=by-hand")).GetProperty("items")[0];
        using var file = await lead.GetAsync($"/api/v1/training/completions/{row.GetProperty("id").GetString()}/file");
        Assert.Equal(("application/pdf", "attachment", $"certificate-by-hand-{day}.pdf"), (file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentDisposition!.DispositionType, file.Content.Headers.ContentDisposition.FileName));
        Assert.Equal("%PDF-1.7 of a course"u8.ToArray(), await file.Content.ReadAsByteArrayAsync());
    }

    /// <summary>A change reaches a node within a second.</summary>
    private static async Task<(string Reason, string Course)> AskUntilAsync(HttpClient gateway, string key, string? user, HttpStatusCode expected)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/gov/v1/decide");
            request.Headers.Add("X-Gov-Use-Case", key);
            if (user is not null)
            {
                request.Headers.Add("X-Gov-User", user);
            }

            using var answer = await gateway.SendAsync(request);
            if (answer.StatusCode == expected || attempt == 100)
            {
                Assert.Equal(expected, answer.StatusCode);
                return (Of(answer, "X-Gov-Reason"), Of(answer, "X-Gov-Course"));
            }

            await Task.Delay(50);
        }
    }

    private static string Of(HttpResponseMessage answer, string header) => answer.Headers.TryGetValues(header, out var values) ? values.Single() : "";
}
