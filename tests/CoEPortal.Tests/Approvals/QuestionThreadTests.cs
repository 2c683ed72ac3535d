using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Approvals;

/// <summary>What is said at a question of the one-pager is a thread that is resolved and opened again.</summary>
public sealed class QuestionThreadTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    private const string Question = "Kpi.Target";

    [Fact]
    public async Task A_thread_at_a_question_is_open_until_somebody_resolves_it_and_the_next_comment_opens_it_again()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        var (talk, threads) = (Get<Discussion>(), Get<QuestionThreads>());
        await talk.WriteAsync(key, "@Nils Berg 31 minutes by when?", Who("risk"), Question);
        await talk.WriteAsync(key, "About the whole.", Who("risk"));
        var wrong = await talk.WriteAsync(key, "By June.", Who("submitter"), Question);
        await talk.RetractAsync(wrong.Id, Who("submitter"));

        Assert.Equal(Question, Assert.Single((await talk.OfAsync(key, Who("auditor"), question: Question, page: 1, size: 1)).Items).Question);
        Assert.Equal(3, (await talk.OfAsync(key, Who("auditor"))).Total);
        Assert.Equal($"/use-cases/{key}?tab=one-pager&rev=draft&at={Question}", Assert.Single(await ToldAsync("submitter"), n => n.Kind == "mentioned").Link);
        Assert.Equal((Question, 1, true), (await threads.OfAsync(key, Who("auditor"))).Select(t => (t.Question, t.Comments, t.IsOpen)).Single());

        await threads.ResolveAsync(key, Question, Who("submitter"));
        Assert.Equal("Nils Berg", (await threads.OfAsync(key, Who("risk"))).Single().ResolvedByName);
        await talk.WriteAsync(key, "Which June?", Who("risk"), Question);
        Assert.True((await threads.OfAsync(key, Who("risk"))).Single().IsOpen);
        await threads.ResolveAsync(key, Question, Who("risk"));
        await threads.ReopenAsync(key, Question, Who("submitter"));

        Assert.Equal(["QuestionResolved", "CommentWritten", "QuestionReopened", "QuestionResolved", "QuestionReopened"], (await ActionsAsync(key)).TakeLast(5));
        Assert.Contains("\"question\":\"Kpi.Target\"", await BodyOfAsync(key, "CommentWritten"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_who_resolve_at_once_one_does_and_what_cannot_be_is_refused()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        var (talk, threads) = (Get<Discussion>(), Get<QuestionThreads>());
        Assert.Equal("nothing-said", await RuleAsync(() => threads.ResolveAsync(key, Question, Who("submitter"))));
        Assert.Equal("open-already", await RuleAsync(() => threads.ReopenAsync(key, Question, Who("submitter"))));
        Assert.Equal("unknown-question", await RuleAsync(() => threads.ResolveAsync(key, "Kpi.Luck", Who("submitter"))));
        Assert.Equal("unknown-question", await RuleAsync(() => talk.WriteAsync(key, "Hm.", Who("submitter"), "problem")));
        Assert.Equal("not-permitted", await RuleAsync(() => talk.WriteAsync(key, "I was here.", Who("auditor"), Question)));
        await Assert.ThrowsAsync<NotFoundException>(() => talk.WriteAsync(key, "Hello?", Who("submitter2"), Question));
        await talk.WriteAsync(key, "By when?", Who("risk"), Question);
        Assert.Equal("not-permitted", await RuleAsync(() => threads.ResolveAsync(key, Question, Who("auditor"))));
        await Assert.ThrowsAsync<NotFoundException>(() => threads.OfAsync(key, Who("submitter2")));

        var outcomes = await Task.WhenAll(new[] { "submitter", "risk", "legal" }.Select(p => AttemptAsync(() => threads.ResolveAsync(key, Question, Who(p)))));

        Assert.Single(outcomes, o => o is null);
        Assert.All(outcomes.OfType<RuleViolationException>(), o => Assert.Equal("resolved-already", o.Rule));
    }

    [Fact]
    public void Every_question_of_the_form_is_one_that_can_be_talked_about() =>
        Assert.Empty(CoEPortal.Web.Intake.Questions.All.Select(q => q.Path).Except(Proposal.Questions));
}

/// <summary>The same over HTTP.</summary>
[Collection<PortalCollection>]
public sealed class QuestionThreadApiTests(RunningPortal portal)
{
    [Fact]
    public async Task A_question_is_talked_about_resolved_and_opened_again()
    {
        using var author = await portal.AsAsync("submitter");
        using var started = await author.PostAsJsonAsync("/api/v1/use-cases", new { title = "Letters that ask for papers" });
        var useCase = $"/api/v1/use-cases/{(await RunningPortal.JsonAsync(started))["key"]}";
        (await author.PostAsJsonAsync($"{useCase}/comments", new { text = "Who?", question = "Users" })).EnsureSuccessStatusCode();
        (await author.PostAsJsonAsync($"{useCase}/comments", new { text = "In general." })).EnsureSuccessStatusCode();
        using var unknown = await author.PostAsJsonAsync($"{useCase}/comments", new { text = "Why?", question = "Luck" });

        var said = await RunningPortal.JsonAsync(await author.GetAsync($"{useCase}/comments?question=Users"));
        using var resolved = await author.PostAsync($"{useCase}/questions/Users/resolve", null);
        var talk = (await author.GetFromJsonAsync<JsonArray>($"{useCase}/questions"))!.Single()!;
        using var reopened = await author.PostAsync($"{useCase}/questions/Users/reopen", null);

        Assert.Equal("unknown-question", (await RunningPortal.JsonAsync(unknown))["rule"]!.GetValue<string>());
        Assert.Equal((1, "Users"), (said["total"]!.GetValue<int>(), said["items"]![0]!["question"]!.GetValue<string>()));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (resolved.StatusCode, reopened.StatusCode));
        Assert.Equal(("Nils Berg", false), (talk["resolvedByName"]!.GetValue<string>(), talk["isOpen"]!.GetValue<bool>()));
    }
}
