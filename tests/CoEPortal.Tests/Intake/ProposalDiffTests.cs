using System.Text.Json.Nodes;
using CoEPortal.Governance.Intake;
using CoEPortal.Tests.Scoring;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Intake;

public sealed class ProposalDiffTests
{
    private static readonly Proposal Claims = TriageTests.RealProposal("Claims summarisation with retrieval");

    [Fact]
    public void A_revision_that_says_the_same_has_no_changes()
    {
        var diff = ProposalDiff.Between(Claims, Claims with { Endpoints = [.. Claims.Endpoints] });

        Assert.Empty(diff.Changes);
        Assert.Contains("What is wrong today", diff.Unchanged);
    }

    [Fact]
    public void A_choice_is_told_in_the_words_of_the_form()
    {
        var change = Assert.Single(ProposalDiff.Between(Claims with { Residency = Residency.EuAndUk }, Claims).Changes);

        Assert.Equal(("Data and guardrails", "Processed in", "EU and UK", "EU only"), (change.Section, change.Field, Text(change.Before), Text(change.After)));
    }

    [Fact]
    public void Only_the_words_that_differ_are_marked()
    {
        var (before, after) = ProposalDiff.Compare(
            "Names are sent to the model and kept 90 days for checks.", "Names are sent to the model and kept 30 days for checks.");

        Assert.Equal("90", Assert.Single(before, w => w.IsChanged).Text);
        Assert.Equal("30", Assert.Single(after, w => w.IsChanged).Text);
    }

    [Fact]
    public void Words_that_changed_side_by_side_are_one_mark()
    {
        var (_, after) = ProposalDiff.Compare(
            "Sample checks by the team lead of the unit as needed", "Sample checks by the team lead of the unit every week, recorded");

        Assert.Equal("every week, recorded", Assert.Single(after, w => w.IsChanged).Text);
    }

    [Fact]
    public void Two_sentences_with_little_in_common_are_shown_whole()
    {
        var (before, after) = ProposalDiff.Compare("Handlers read sixty pages of every claim", "The post is sorted by hand");

        Assert.True(Assert.Single(before).IsChanged && Assert.Single(after).IsChanged);
    }

    [Fact]
    public void A_new_kill_criterion_has_no_earlier_side()
    {
        var diff = ProposalDiff.Between(Claims with { KillCriteria = [.. Claims.KillCriteria.Take(1)] }, Claims);

        var change = Assert.Single(diff.Changes);
        Assert.Equal("Kill criterion K2", change.Field);
        Assert.Empty(change.Before);
        Assert.StartsWith("More than 3 % wrong in a calendar month", Text(change.After), StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_kill_criterion_has_no_later_side() =>
        Assert.Empty(Assert.Single(ProposalDiff.Between(Claims, Claims with { KillCriteria = [.. Claims.KillCriteria.Take(1)] }).Changes).After);

    [Fact]
    public void No_answer_can_change_unseen()
    {
        var other = TriageTests.RealProposal("Pre-Effectuation Review / Targeted Denial Review Models") with
        {
            Endpoints = ["gpt-4.1-mini"],
            ProfilesPeople = true,
            InteractsWithPeople = true,
            PublishesContent = true,
            Exemption = Article6Exemption.NarrowTask,
            ExemptionReason = "It only sorts.",
            Practices = [ProhibitedPractice.SocialScoring],
            Tone = "Plain",
            Residency = Residency.Anywhere,
            FailSafe = FailSafe.WorkWaits,
            DataReadiness = DataReadiness.NotYet,
            DataClass = DataClass.Public,
            PersonalData = PersonalData.None,
            Autonomy = Autonomy.ActsAlone,
            Audience = Audience.Public,
        };
        var answers = Claims.ToJson().AsObject();
        foreach (var (question, answer) in other.ToJson().AsObject())
        {
            Assert.False(JsonNode.DeepEquals(answers[question], answer), $"Give another answer to {question} here.");
            var changed = answers.DeepClone().AsObject();
            changed[question] = answer?.DeepClone();
            Assert.True(ProposalDiff.Between(Claims, Proposal.FromJson(changed.ToJsonString())).Changes.Count > 0, $"ProposalDiff leaves out {question}.");
        }
    }

    [Fact]
    public void Joined_again_each_side_is_its_whole_text() => Prop.ForAll<string[], string[]>((left, right) =>
    {
        var (before, after) = (string.Join(' ', left.Select(w => w ?? "")), string.Join(' ', right.Select(w => w ?? "")));
        var (was, now) = ProposalDiff.Compare(before, after);
        return Text(was) == before && Text(now) == after;
    }).QuickCheckThrowOnFailure();

    private static string Text(IEnumerable<Wording> wording) => string.Concat(wording.Select(w => w.Text));
}
