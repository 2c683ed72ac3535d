using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Approvals;

public sealed class DiscussionTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    [Fact]
    public async Task A_name_after_an_at_sign_tells_that_person_once()
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);

        await Get<Discussion>().WriteAsync(key, "@Nils Berg where are letters kept? @nils berg, and for how long? (@Mei Tanaka)", Who("privacy"));

        Assert.Single(await ToldAsync("submitter"), n => n.Kind == "mentioned");
        Assert.Single(await ToldAsync("security2"), n => n.Kind == "mentioned");
        Assert.DoesNotContain(await ToldAsync("security"), n => n.Kind == "mentioned");
        Assert.Contains("CommentWritten", await ActionsAsync(key));
    }

    [Fact]
    public async Task Somebody_who_may_not_read_the_use_case_is_not_told_of_it()
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);

        var comment = await Get<Discussion>().WriteAsync(key, "@Lucía Ortega what do you think?", Who("privacy"));

        Assert.Empty(comment.Mentions);
        Assert.DoesNotContain(await ToldAsync("submitter2"), n => n.Kind == "mentioned");
    }

    [Theory]
    [InlineData("@Ann Marie only", "Ann Marie")]
    [InlineData("@Ann and @Ann Marie", "Ann|Ann Marie")]
    [InlineData("mail@Ann", "Ann")]
    [InlineData("@Annette is somebody else", "")]
    [InlineData("nobody", "")]
    public void A_name_ends_where_a_word_ends(string text, string names)
    {
        Actor Named(string name) => new(PersonId.Of(name, "demo"), name, new HashSet<Role>(), "");

        var mentioned = Discussion.MentionedIn(text, [Named("Ann"), Named("Ann Marie")]);

        Assert.Equal(names.Split('|', StringSplitOptions.RemoveEmptyEntries), mentioned.Select(m => m.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_the_author_takes_a_comment_back_and_that_it_was_said_stays()
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);
        var comment = await Get<Discussion>().WriteAsync(key, "Wrong thread.", Who("privacy"));

        Assert.Equal("not-your-comment", await RuleAsync(() => Get<Discussion>().RetractAsync(comment.Id, Who("legal"))));
        await Get<Discussion>().RetractAsync(comment.Id, Who("privacy"));

        Assert.NotNull((await Get<Discussion>().OfAsync(key, Who("privacy"))).Items.Single().RetractedAt);
        Assert.Equal(["CommentWritten", "CommentRetracted"], (await ActionsAsync(key)).TakeLast(2));
    }

    [Fact]
    public async Task Strangers_neither_read_nor_write_and_auditors_only_read()
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);
        await Get<Discussion>().WriteAsync(key, "For us only.", Who("submitter"));

        await Assert.ThrowsAsync<NotFoundException>(() => Get<Discussion>().OfAsync(key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<Discussion>().WriteAsync(key, "Hello?", Who("submitter2")));
        Assert.Single((await Get<Discussion>().OfAsync(key, Who("auditor"))).Items);
        Assert.Equal("not-permitted", await RuleAsync(() => Get<Discussion>().WriteAsync(key, "I was here.", Who("auditor"))));
    }

    [Theory]
    [InlineData("   ", "comment-empty")]
    [InlineData(null, "comment-too-long")]
    public async Task A_comment_has_one_to_four_thousand_characters(string? text, string rule)
    {
        var (key, _) = await GivenATaskAsync(Role.Legal);

        Assert.Equal(rule, await RuleAsync(() => Get<Discussion>().WriteAsync(key, text ?? new string('x', 4001), Who("privacy"))));
    }

    [Fact]
    public async Task A_reviewer_is_shown_what_changed_since_the_revision_they_looked_at_last()
    {
        var (key, task) = await GivenATaskAsync(Role.Legal);
        var useCase = await UseCaseAsync(key);
        var looks = Get<ReviewLooks>();
        Assert.Null((await looks.LookAsync(useCase.Id, 1, Who("legal"))).Last);
        await DecideAsync(task, "legal", DecisionKind.RequestChanges, "Say where it is kept.");
        foreach (var tone in new[] { "Plain.", "Plain and short." })
        {
            var draft = await UseCaseAsync(key);
            await Get<SaveDraft>().RunAsync(key, draft.Draft with { Tone = tone }, draft.Version, Who("submitter"));
            await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));
            if (tone == "Plain.")
            {
                await Get<WithdrawProposal>().RunAsync(key, "One more thing.", Who("submitter"));
            }
        }

        Assert.Equal(1, (await looks.LookAsync(useCase.Id, 3, Who("legal"))).Last!.RevisionNumber);
        Assert.Null((await looks.LookAsync(useCase.Id, 3, Who("legal2"))).Last);
        await looks.TickAsync(useCase.Id, 3, ["Tone"], Who("legal"));
        Assert.Equal(["Tone"], (await looks.LookAsync(useCase.Id, 3, Who("legal"))).Seen);
    }
}
