using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class StepsTests
{
    public static TheoryData<string> Shipped => Lane.Shipped;

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Who_does_not_see_the_drawing_is_told_every_activity_and_every_way(string name)
    {
        var lane = Lane.Load(name);
        var steps = Steps.Of(lane);
        var inside = steps.SelectMany(s => s.ActivityIds.Zip(s.ActivityIds.Skip(1))).ToHashSet();

        Assert.Equal(lane.Root.Activities.Select(a => a.Id).Order(), steps.SelectMany(s => s.ActivityIds).Order());
        Assert.Equal(Enumerable.Range(1, steps.Length), steps.Select(s => s.Number));
        Assert.Equal(
            lane.Root.Connections.Where(c => !inside.Contains((c.Source, c.Target))).Select(c => (c.Source, c.Target)).Order(),
            steps.SelectMany(s => s.Ways.Select(w => (s.ActivityIds[^1], w.ActivityId))).Order());
        Assert.All(steps, s => Assert.All(s.Ways, w => Assert.Contains(w.ActivityId, steps[w.Number - 1].ActivityIds)));
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Nothing_is_told_before_what_leads_to_it(string lane) =>
        Assert.All(Steps.Of(Lane.Load(lane)), s => Assert.All(s.Ways, w => Assert.Equal(w.IsBackward, w.Number <= s.Number)));

    [Fact]
    public void A_review_is_told_in_one_sentence()
    {
        var legal = Steps.Of(Lane.Load("standard")).Single(s => s.ActivityIds.Contains("legal"));

        Assert.StartsWith("Legal decides within 3 working days", legal.Sentence, StringComparison.Ordinal);
        Assert.Contains("; approved → All have approved (step 7); changes requested → Anyone requests changes (step 12); otherwise → Anyone vetoes (step 16).", legal.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_merge_says_what_it_waits_for()
    {
        var steps = Steps.Of(Lane.Load("standard"));

        Assert.StartsWith(
            "All have approved: goes on when everything has come: approved from step 4, approved from step 5 and approved from step 6",
            steps.Single(s => s.ActivityIds.Contains("allApproved")).Sentence, StringComparison.Ordinal);
        Assert.Contains("withdraws what is still open", steps.Single(s => s.ActivityIds.Contains("anyVeto")).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_says_its_outcome() =>
        Assert.Contains("ends with the outcome changes requested", Steps.Of(Lane.Load("full")).Single(s => s.ActivityIds.Contains("endChangesRequested")).Sentence, StringComparison.Ordinal);

    [Fact]
    public void A_loop_says_that_it_leads_back() =>
        Assert.Contains("→ back to", Steps.Of(Corpus.Definition("resubmit-lane")).Single(s => s.ActivityIds.Contains("revise")).Sentence, StringComparison.Ordinal);
}
