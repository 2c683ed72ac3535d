using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.SharedFailures;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.SharedFailures;

/// <summary>Failures are told by anybody, published by somebody else, and read by everybody.</summary>
public sealed class SharedFailureTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly FailureDraft Tariff = new("Old tariff quoted", "Asked by nina@example.org with sk-1234567890abcdef.", "Index what is in force.", "", FailureKind.Retrieval, []);

    [Fact]
    public async Task An_entry_waits_until_somebody_else_of_the_CoE_publishes_it_and_then_names_nobody()
    {
        var key = (await GivenASubmittedAsync(ClaimsProposal)) is { } ? "UC-0001" : "";
        var feedback = await Get<EnterFeedback>().RunAsync(key, FeedbackDraft.Of(false, null, "It named an old tariff.", null), Who("submitter"));
        var share = Get<ShareFailure>();
        var told = await share.RunAsync(Tariff with { UseCases = [key.ToLowerInvariant()] }, feedback.Id, Who("coe-lead"));

        Assert.Equal("Asked by [e-mail] with [key].", told.Happened);
        Assert.Empty((await Get<FailureBoard>().PageAsync(new(), Who("submitter2"))).Items);
        Assert.Empty((await Get<FailureBoard>().PageAsync(new(State: FailureState.Waiting), Who("submitter2"))).Items);
        await Assert.ThrowsAsync<NotFoundException>(() => Get<FailureBoard>().OneAsync(told.Key, Who("submitter2")));
        await Assert.ThrowsAsync<NotFoundException>(() => share.MeetAsync(told.Key, Who("submitter2")));
        Assert.Equal("own-entry", await RuleAsync(() => share.PublishAsync(told.Key, Tariff, told.Version, Who("coe-lead"))));
        Assert.Equal("not-permitted", await RuleAsync(() => share.PublishAsync(told.Key, Tariff, told.Version, Who("legal"))));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => share.PublishAsync(told.Key, Tariff, told.Version + 1, Who("coe-lead2"))));
        await share.PublishAsync(told.Key, Tariff with { Happened = "Asked twice.", UseCases = [key] }, told.Version, Who("coe-lead2"));
        Assert.Equal("not-waiting", await RuleAsync(() => share.PublishAsync(told.Key, Tariff, told.Version + 1, Who("coe-lead2"))));

        var (seen, unseen) = ((await Get<FailureBoard>().PageAsync(new(), Who("submitter"))).Items.Single(), (await Get<FailureBoard>().PageAsync(new(), Who("submitter2"))).Items.Single());
        Assert.Equal(("Asked twice.", null, FailureState.Published), (unseen.Failure.Happened, unseen.Failure.WrittenByName, unseen.Failure.State));
        Assert.Equal((key, 0), (seen.UseCases.Single(), seen.OtherUseCases));
        Assert.Equal((0, 1), (unseen.UseCases.Count, unseen.OtherUseCases));
        Assert.Empty((await Get<FailureBoard>().PageAsync(new(UseCaseKey: key), Who("submitter2"))).Items);
        Assert.Single((await Get<FailureBoard>().PageAsync(new(FailureKind.Retrieval, key, "TWICE"), Who("auditor"))).Items);
        Assert.Empty((await Get<FailureBoard>().PageAsync(new(FailureKind.Tool), Who("auditor"))).Items);
        await using var db = await DbAsync();
        Assert.Equal(["failure-waiting", "failure-settled"], await db.Notifications.Where(n => n.Link.Contains(told.Key)).OrderBy(n => n.CreatedAt).ThenByDescending(n => n.Kind).Select(n => n.Kind).ToListAsync());
    }

    [Fact]
    public async Task It_happened_to_each_person_once_however_often_they_say_so()
    {
        var published = await GivenAPublishedAsync();
        var share = Get<ShareFailure>();
        await Task.WhenAll(new[] { "submitter", "operator", "submitter", "legal" }.Select(p => share.MeetAsync(published, Who(p))));
        Assert.Equal("not-permitted", await RuleAsync(() => share.MeetAsync(published, Who("auditor"))));

        var row = await Get<FailureBoard>().OneAsync(published, Who("submitter"));
        Assert.Equal((3, true), (row.Failure.Met, row.HappenedToMe));
        Assert.False((await Get<FailureBoard>().OneAsync(published, Who("risk"))).HappenedToMe);
        Assert.Equal(3, (await EntriesAsync(e => e.Action == "FailureMet")).Count);
    }

    [Fact]
    public async Task It_is_withdrawn_for_a_reason_and_what_cannot_be_told_is_refused()
    {
        var share = Get<ShareFailure>();
        (FailureDraft Draft, string Rule)[] refused =
        [
            (Tariff with { Title = " " }, "title-required"), (Tariff with { Happened = "" }, "happened-required"), (Tariff with { Learnt = "" }, "learnt-required"),
            (Tariff with { Workaround = new string('x', 2001) }, "workaround-too-long"), (Tariff with { UseCases = ["UC-0099"] }, "unknown-use-case"),
        ];
        foreach (var (draft, rule) in refused)
        {
            Assert.Equal(rule, await RuleAsync(() => share.RunAsync(draft, null, Who("submitter"))));
        }

        Assert.Equal("not-permitted", await RuleAsync(() => share.RunAsync(Tariff, null, Who("auditor"))));
        await Assert.ThrowsAsync<NotFoundException>(() => share.RunAsync(Tariff, Guid.CreateVersion7(), Who("submitter")));
        var published = await GivenAPublishedAsync();
        Assert.Equal("not-permitted", await RuleAsync(() => share.WithdrawAsync(published, "x", Who("submitter"))));
        Assert.Equal("reason-required", await RuleAsync(() => share.WithdrawAsync(published, " ", Who("coe-lead"))));
        await share.WithdrawAsync(published, "Mended.", Who("coe-lead"));
        Assert.Equal("withdrawn", await RuleAsync(() => share.WithdrawAsync(published, "Again.", Who("coe-lead"))));
        await Assert.ThrowsAsync<NotFoundException>(() => share.MeetAsync(published, Who("operator")));

        Assert.Empty((await Get<FailureBoard>().PageAsync(new(), Who("submitter"))).Items);
        Assert.Single((await Get<FailureBoard>().PageAsync(new(State: FailureState.Withdrawn), Who("coe-lead"))).Items);
        Assert.Equal(["FailureShared", "FailurePublished", "FailureWithdrawn"], (await EntriesAsync(e => e.SubjectKey == published)).Select(e => e.Action));
    }

    private async Task<string> GivenAPublishedAsync()
    {
        var told = await Get<ShareFailure>().RunAsync(Tariff, null, Who("submitter"));
        return (await Get<ShareFailure>().PublishAsync(told.Key, Tariff, told.Version, Who("coe-lead"))).Key;
    }
}
