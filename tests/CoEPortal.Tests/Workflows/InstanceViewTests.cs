using System.Text.Json;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class InstanceViewTests
{
    [Fact]
    public void A_running_review_shows_who_is_asked_and_who_has_answered()
    {
        var lane = new Lane("standard").Answer("Legal", "approve");

        var view = InstanceView.Of(Lane.Load("standard"), lane.State);

        Assert.Equal((ActivityProgress.Done, 1), (view["legal"].Progress, view["legal"].Runs));
        Assert.Equal((ActivityProgress.Done, 1), (view["ask"].Progress, view["ask"].Runs));
        Assert.Equal((ActivityProgress.Waiting, 1), (view["privacy"].Progress, view["privacy"].Runs));
        Assert.Equal((ActivityProgress.NotReached, 0), (view["allApproved"].Progress, view["allApproved"].Runs));
        Assert.Equal((ActivityProgress.NotReached, 0), (view["coeLead"].Progress, view["coeLead"].Runs));
        Assert.True(view.IsFollowed("legalDecision", "Approved", "allApproved"));
        Assert.False(view.IsFollowed("legalDecision", "Default", "anyVeto"));
    }

    [Fact]
    public void Who_is_not_needed_any_more_is_shown_as_withdrawn_and_who_was_never_asked_is_not()
    {
        var lane = new Lane("standard").Answer("Privacy", "approve").Answer("Security", "veto");

        var view = InstanceView.Of(Lane.Load("standard"), lane.State);

        Assert.Equal(ActivityProgress.Withdrawn, view["legal"].Progress);
        Assert.Equal(ActivityProgress.NotReached, view["legalDecision"].Progress);
        Assert.Equal(ActivityProgress.NotReached, view["coeLead"].Progress);
        Assert.Equal(ActivityProgress.Done, view["endVetoed"].Progress);
        Assert.Equal(ActivityProgress.NotReached, view["endApproved"].Progress);
    }

    [Fact]
    public void Cancelling_withdraws_what_was_open()
    {
        var definition = Lane.Load("standard");
        var cancelled = Interpreter.Apply(definition, new Lane("standard").State, new Stimulus.Cancel()).State;

        Assert.Equal(ActivityProgress.Withdrawn, InstanceView.Of(definition, cancelled)["legal"].Progress);
    }

    [Fact]
    public void A_journal_tells_how_often_an_activity_ran()
    {
        var definition = Corpus.Definition("resubmit-lane");
        var transition = Interpreter.Start(definition, new Dictionary<string, JsonElement>());
        List<JournalEntry> journal = [.. Entries(transition)];
        foreach (var (bookmark, answer) in new[] { ("legal#1", "changes"), ("revise#1", "done"), ("legal#2", "approve") })
        {
            transition = Interpreter.Apply(definition, transition.State, new Stimulus.CompleteTask(bookmark, Lane.Decision(answer)));
            journal.AddRange(Entries(transition));
        }

        var view = InstanceView.Of(definition, transition.State, journal);

        Assert.Equal((ActivityProgress.Done, 2), (view["legal"].Progress, view["legal"].Runs));
        Assert.Equal((ActivityProgress.Waiting, 2), (view["security"].Progress, view["security"].Runs));
        Assert.Equal(2, view["review"].Runs);
        Assert.True(view.IsFollowed("revise", "Done", "review"));
    }

    [Fact]
    public void State_and_journal_agree_wherever_a_corpus_script_stops()
    {
        foreach (var path in Corpus.Cases.Select(c => c.Data).Where(p => p.Contains("veto", StringComparison.Ordinal) || p.Contains("fault", StringComparison.Ordinal)))
        {
            var script = JsonDocument.Parse(Corpus.Read(path)).RootElement;
            var definition = DefinitionJson.Read(Corpus.DefinitionOf(script.GetRawText()), path);
            var transition = Interpreter.Start(definition, script.GetProperty("inputs").EnumerateObject().ToDictionary(i => i.Name, i => i.Value));
            List<JournalEntry> journal = [.. Entries(transition)];
            foreach (var step in script.GetProperty("steps").EnumerateArray().Where(s => s.GetProperty("do").GetString() is "complete"))
            {
                var bookmark = transition.State.Bookmarks.FirstOrDefault(b => b.ActivityId == step.GetProperty("activity").GetString())?.Id ?? "";
                var result = step.TryGetProperty("result", out var value) ? value : default;
                transition = Interpreter.Apply(definition, transition.State, new Stimulus.CompleteTask(bookmark, result));
                journal.AddRange(Entries(transition));
                var (byState, byJournal) = (InstanceView.Of(definition, transition.State), InstanceView.Of(definition, transition.State, journal));
                Assert.All(definition.Root.Activities, a => Assert.True(
                    byState[a.Id].Progress == byJournal[a.Id].Progress, $"{path}, {a.Id}: {byState[a.Id]} but {byJournal[a.Id]}"));
            }
        }
    }

    private static IEnumerable<JournalEntry> Entries(Transition transition) =>
        transition.Effects.OfType<Effect.ActivityLogged>().Select(l => new JournalEntry(l.ActivityId, l.Event));
}
