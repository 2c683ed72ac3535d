using CoEPortal.Governance.Access;
using CoEPortal.Governance.Policies;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Tests.Policies;

/// <summary>Policies have versions that never change, a day from which each holds, and a click of everybody for each.</summary>
public sealed class PolicyTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateOnly Today = new(2026, 11, 23);

    [Fact]
    public async Task Files_are_taken_up_once_and_an_edited_one_is_refused_while_what_is_published_stays()
    {
        var publish = Get<PublishPolicy>();
        await publish.FromFilesAsync();
        await publish.FromFilesAsync();
        Assert.Empty(publish.Refused);
        Assert.Equal(["acceptable-use", "data-handling", "output-review"], (await Get<PolicyShelf>().MineAsync(Who("submitter"))).Select(p => p.Policy).Order(StringComparer.Ordinal));

        var folder = Directory.CreateTempSubdirectory("policies");
        try
        {
            var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "templates", "policies", "output-review.md"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.md"), text.Replace("Is it true?", "Is it nice?", StringComparison.Ordinal));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "b.md"), "# No front");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "c.md"), text.Replace("version: 1", "version: 2", StringComparison.Ordinal).Replace("2026-09-01", "2027-01-01", StringComparison.Ordinal));
            var edited = new PublishPolicy(Get<IDbContextFactory<CoEPortal.Governance.Persistence.GovernanceDb>>(), folder.FullName, Get<Organisation>(), Clock);
            await edited.FromFilesAsync();

            Assert.Equal(["a.md", "b.md"], edited.Refused.Select(r => r.File));
            Assert.Contains("stays", edited.Refused[0].Reason, StringComparison.Ordinal);
            var mine = (await Get<PolicyShelf>().MineAsync(Who("submitter"))).Single(p => p.Policy == "output-review");
            Assert.Equal((1, 2), (mine.Current!.Number, mine.Coming!.Number));
            Assert.Contains("Is it true?", mine.Current.Text, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_new_version_holds_from_its_day_and_asks_everybody_again()
    {
        var first = await PublishAsync("First.", Today, 0);
        await Get<AcknowledgePolicy>().RunAsync("notes", 1, first.ContentHash, Who("legal"));
        await PublishAsync("Second.", Today.AddDays(7), 1);
        Assert.NotNull((await MineAsync("legal")).AcknowledgedAt);
        Assert.Equal(2, (await MineAsync("legal")).Coming!.Number);

        Clock.Advance(TimeSpan.FromDays(7));

        Assert.Equal((2, null), ((await MineAsync("legal")).Current!.Number, (await MineAsync("legal")).AcknowledgedAt));
        Assert.Equal((0, 16), (await Get<PolicyShelf>().ReachAsync(Who("auditor"))).Select(r => (r.Acknowledged, r.People)).Single());
    }

    [Fact]
    public async Task An_acknowledgement_is_for_the_text_that_was_shown_counts_once_and_is_never_changed()
    {
        var version = await PublishAsync("First.", Today, 0);
        Assert.Equal("content-changed", await RuleAsync(() => Get<AcknowledgePolicy>().RunAsync("notes", 1, "sha256:other", Who("legal"))));
        await Assert.ThrowsAsync<NotFoundException>(() => Get<AcknowledgePolicy>().RunAsync("notes", 2, version.ContentHash, Who("legal")));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<AcknowledgePolicy>().RunAsync("notes", 1, version.ContentHash, Actor.Rule("policy-files"))));

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Get<AcknowledgePolicy>().RunAsync("notes", 1, version.ContentHash, Who("legal"))));

        Assert.Equal(1, (await Get<PolicyShelf>().ReachAsync(Who("coe-lead"))).Single().Acknowledged);
        Assert.Equal(15, (await Get<PolicyShelf>().MissingAsync("notes", Who("risk"))).Total);
        Assert.DoesNotContain((await Get<PolicyShelf>().MissingAsync("notes", Who("risk"), size: 50)).Items, m => m.Name == Who("legal").Name);
        Assert.Single(await EntriesAsync(e => e.Action == "PolicyAcknowledged"));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update acknowledgement set person_name = 'x'"));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("insert into acknowledgement select gen_random_uuid(), policy, number, 'risk@demo', 'x', 'sha256:other', now(), 1, 0 from policy_version"));
        await Assert.ThrowsAsync<PostgresException>(() => AsOwnerAsync("update policy_version set text = 'x'"));
    }

    [Fact]
    public async Task Who_may_not_publish_and_what_cannot_be_published_is_refused()
    {
        await PublishAsync("First.", Today.AddDays(3), 0);

        Assert.Equal("not-permitted", await RuleAsync(() => PublishAsync("Second.", Today.AddDays(3), 1, "legal")));
        Assert.Equal("effective-in-the-past", await RuleAsync(() => PublishAsync("Second.", Today.AddDays(-1), 1)));
        Assert.Equal("effective-before-the-last", await RuleAsync(() => PublishAsync("Second.", Today.AddDays(2), 1)));
        Assert.Equal("changed-meanwhile", await RuleAsync(() => PublishAsync("Second.", Today.AddDays(3), 0)));
        Assert.Equal("nothing-changed", await RuleAsync(() => PublishAsync("First.", Today.AddDays(9), 1)));
        Assert.Equal("text-required", await RuleAsync(() => PublishAsync("  ", Today.AddDays(3), 1)));
        Assert.Equal("text-too-long", await RuleAsync(() => PublishAsync(new string('x', PolicyText.LongestText + 1), Today.AddDays(3), 1)));
        Assert.Equal("policy-unusable", await RuleAsync(() => Get<PublishPolicy>().RunAsync("No Name!", "T", "x", Today, 0, Who("coe-lead"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<PolicyShelf>().ReachAsync(Who("submitter"))));
        Assert.Equal("not-permitted", await RuleAsync(() => Get<PolicyShelf>().MissingAsync("notes", Who("legal"))));
    }

    [Fact]
    public async Task Whoever_has_not_acknowledged_is_reminded_each_week_and_four_times_at_most()
    {
        var version = await PublishAsync("First.", Today, 0);
        await Get<AcknowledgePolicy>().RunAsync("notes", 1, version.ContentHash, Who("legal"));
        var remind = Get<RemindOfPolicies>();
        Assert.Equal(15, await remind.RunAsync());
        Assert.Equal(0, await remind.RunAsync());
        Clock.Advance(TimeSpan.FromDays(7));
        await Get<AcknowledgePolicy>().RunAsync("notes", 1, version.ContentHash, Who("risk"));
        Assert.Equal(14, await remind.RunAsync());
        Clock.Advance(TimeSpan.FromDays(70));
        Assert.Equal(14, await remind.RunAsync());
        Clock.Advance(TimeSpan.FromDays(70));
        Assert.Equal(0, await remind.RunAsync());
    }

    private async Task<MyPolicy> MineAsync(string persona) => (await Get<PolicyShelf>().MineAsync(Who(persona))).Single();

    private Task<PolicyVersion> PublishAsync(string text, DateOnly effectiveOn, int seen, string by = "coe-lead") =>
        Get<PublishPolicy>().RunAsync("notes", "Meeting notes", text, effectiveOn, seen, Who(by));
}
