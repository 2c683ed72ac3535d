using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Approvals;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Intake;

/// <summary>Authors invite others to write with them; whoever had a hand in it decides on nothing of it, also after they were taken off.</summary>
public sealed class EditorTests(TestPostgres postgres) : ReviewWorkTest(postgres)
{
    private static readonly PersonId Guest = Who("submitter2").Id;

    [Fact]
    public async Task Somebody_of_another_unit_who_is_invited_is_told_reads_and_writes_and_nobody_loses_a_text_by_it()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var key = useCase.Key;
        await Assert.ThrowsAsync<NotFoundException>(() => Get<InviteEditor>().OfAsync(key, Who("submitter2")));

        await Get<InviteEditor>().RunAsync(key, Guest, Who("submitter"));

        Assert.Equal($"/propose/{key}", Assert.Single(await ToldAsync("submitter2"), n => n.Kind == "editor-invited").Link);
        Assert.Contains("EditorInvited", await ActionsAsync(key));
        // The author's page is older than the invitation, but no word has changed since.
        var version = await Get<SaveDraft>().RunAsync(key, ClaimsProposal with { Tone = "Plain." }, useCase.Version, Who("submitter"));
        await Get<SaveDraft>().RunAsync(key, ClaimsProposal with { Tone = "Plain and short." }, version, Who("submitter2"));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<SaveDraft>().RunAsync(key, ClaimsProposal with { Tone = "Warm." }, version, Who("submitter"))));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => Get<SaveDraft>().RunAsync(key, ClaimsProposal with { Tone = "Warm." }, 99, Who("submitter"))));
        Assert.Equal("Plain and short.", (await UseCaseAsync(key)).Draft.Tone);
        Assert.Equal([("Nils Berg", true), ("Lucía Ortega", false)], (await Get<InviteEditor>().OfAsync(key, Who("auditor"))).Select(e => (e.Name, e.IsAuthor)));
        Assert.DoesNotContain(await Get<InviteEditor>().InvitableAsync(key, Who("submitter")), p => p.Id == Guest || AccessPolicy.Allows(p, Permission.DecideReviews));
    }

    [Fact]
    public async Task Who_was_taken_off_reads_and_writes_no_more_and_still_cannot_sign_what_they_wrote()
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal);
        var key = useCase.Key;
        await Get<InviteEditor>().RunAsync(key, Guest, Who("submitter"));
        await Get<SaveDraft>().RunAsync(key, ClaimsProposal with { Tone = "Hers." }, useCase.Version, Who("submitter2"));
        var colleague = await GivenAPersonAsync("anna", "Anna Lind", Role.Submitter);
        await Get<InviteEditor>().RunAsync(key, colleague.Id, Who("submitter2"));
        Assert.Equal("reason-required", await RuleAsync(() => Get<InviteEditor>().TakeOffAsync(key, Guest, " ", Who("submitter"))));

        await Get<InviteEditor>().TakeOffAsync(key, Guest, "Moved to another project.", Who("submitter"));
        await Get<InviteEditor>().TakeOffAsync(key, colleague.Id, "", colleague);

        await Assert.ThrowsAsync<NotFoundException>(() => Get<SaveDraft>().RunAsync(key, ClaimsProposal, 99, Who("submitter2")));
        Assert.Equal("no-longer-editor", await RuleAsync(() => Get<SaveDraft>().RunAsync(key, ClaimsProposal, 99, colleague)));
        Assert.Equal("no-longer-editor", await RuleAsync(() => Get<InviteEditor>().RunAsync(key, Who("operator").Id, colleague)));
        await Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));
        var task = (await OpenTaskAsync(key, Role.Legal))!;
        Actor Turned(Actor person) => person with { Roles = new HashSet<Role> { Role.Legal } };
        Assert.Equal("own-proposal", await RuleAsync(() => DecideAsAsync(task, Turned(Who("submitter2")))));
        Assert.Equal("own-proposal", await RuleAsync(() => DecideAsAsync(task, Turned(colleague))));

        // Also who was invited while the round was open already.
        await Get<InviteEditor>().RunAsync(key, Who("operator").Id, Who("submitter"));
        Assert.Equal("own-proposal", await RuleAsync(() => DecideAsAsync(task, Turned(Who("operator")))));
        Assert.Equal(2, (await ActionsAsync(key)).Count(a => a == "EditorTakenOff"));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update use_case set former_editors = editors"));
    }

    [Fact]
    public async Task Reviewers_readers_strangers_and_the_author_are_refused_by_name()
    {
        var key = (await Get<StartUseCase>().RunAsync(Who("submitter"), ClaimsProposal)).Key;
        var invite = Get<InviteEditor>();

        Assert.Equal("decides-reviews", await RuleAsync(() => invite.RunAsync(key, Who("coe-lead").Id, Who("submitter"))));
        Assert.Equal("decides-reviews", await RuleAsync(() => invite.RunAsync(key, Who("legal").Id, Who("submitter"))));
        Assert.Equal("cannot-write", await RuleAsync(() => invite.RunAsync(key, Who("auditor").Id, Who("submitter"))));
        Assert.Equal("unknown-person", await RuleAsync(() => invite.RunAsync(key, new("nobody@demo"), Who("submitter"))));
        Assert.Equal("editor-already", await RuleAsync(() => invite.RunAsync(key, Who("submitter").Id, Who("coe-lead"))));
        Assert.Equal("not-permitted", await RuleAsync(() => invite.RunAsync(key, Guest, Who("legal"))));
        Assert.Equal("not-permitted", await RuleAsync(() => invite.RunAsync(key, Guest, Who("auditor"))));
        Assert.Equal("author-stays", await RuleAsync(() => invite.TakeOffAsync(key, Who("submitter").Id, "No.", Who("coe-lead"))));
        Assert.Equal("no-editor", await RuleAsync(() => invite.TakeOffAsync(key, Guest, "No.", Who("submitter"))));
        await Assert.ThrowsAsync<NotFoundException>(() => invite.RunAsync(key, Guest, Who("operator")));
        Assert.Empty(await ToldAsync("submitter2"));
        Assert.Equal(["UseCaseStarted"], await ActionsAsync(key));
    }
}

/// <summary>The same over HTTP.</summary>
[Collection<PortalCollection>]
public sealed class EditorApiTests(RunningPortal portal)
{
    [Fact]
    public async Task An_editor_is_invited_listed_and_taken_off()
    {
        using var author = await portal.AsAsync("submitter");
        using var started = await author.PostAsJsonAsync("/api/v1/use-cases", new { title = "Shared work on letters" });
        var editors = $"/api/v1/use-cases/{(await RunningPortal.JsonAsync(started))["key"]}/editors";

        using var invited = await author.PostAsJsonAsync(editors, new { person = "submitter2@demo" });
        using var refused = await author.PostAsJsonAsync(editors, new { person = "legal@demo" });
        using var guest = await portal.AsAsync("submitter2");
        var listed = await guest.GetFromJsonAsync<JsonArray>(editors);
        using var left = await guest.PostAsJsonAsync($"{editors}/submitter2@demo/take-off", new { });

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.NoContent), (invited.StatusCode, left.StatusCode));
        Assert.Equal("decides-reviews", (await RunningPortal.JsonAsync(refused))["rule"]!.GetValue<string>());
        Assert.Equal(2, listed!.Count);
        Assert.Equal(HttpStatusCode.NotFound, (await guest.GetAsync(editors)).StatusCode);
    }
}
