using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class InterpreterTests
{
    [Fact]
    public void A_stored_state_is_read_back_without_loss()
    {
        var state = new Lane("full", customerFacing: true).Answer("Legal", "approve-with-conditions").State;

        var stored = WorkflowState.FromJson(state.ToJson());

        Assert.Equal(state.ToJson(), stored.ToJson());
        Assert.Equal(state.Bookmarks.Select(b => b.Id), stored.Bookmarks.Select(b => b.Id));
    }

    [Fact]
    public void A_state_survives_a_store_that_reorders_members()
    {
        var state = new Lane("standard").Answer("Legal", "approve").State;
        var reordered = new JsonObject(JsonNode.Parse(state.ToJson())!.AsObject().Reverse().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));

        Assert.Equal(state.ToJson(), WorkflowState.FromJson(reordered.ToJsonString()).ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"schema":2}""")]
    public void A_text_that_is_no_state_is_refused(string json) =>
        Assert.Throws<FormatException>(() => WorkflowState.FromJson(json));

    [Fact]
    public void A_state_of_another_version_is_refused()
    {
        var next = Lane.Edited("standard", json => json["version"] = 99);

        Assert.Throws<ArgumentException>(() => Interpreter.Apply(next, new Lane("standard").State, new Stimulus.Cancel()));
    }

    [Fact]
    public void A_late_answer_changes_nothing_and_says_so()
    {
        var lane = new Lane("standard");
        var legal = lane.State.Bookmarks.Single(b => b.ActivityId == "legal");
        var vetoed = lane.Answer("Security", "veto").State;

        var late = Interpreter.Apply(Lane.Load("standard"), vetoed, new Stimulus.CompleteTask(legal.Id, Lane.Decision("approve")));

        Assert.False(late.Matched);
        Assert.Empty(late.Effects);
        Assert.Same(vetoed, late.State);
    }

    [Fact]
    public void An_event_cannot_answer_a_task()
    {
        var state = new Lane("standard").State;

        var transition = Interpreter.Apply(Lane.Load("standard"), state, new Stimulus.DeliverEvent(state.Bookmarks[0].Id, Lane.Decision("approve")));

        Assert.False(transition.Matched);
    }

    [Fact]
    public void Cancelling_withdraws_every_open_task_and_ends_the_instance()
    {
        var state = new Lane("standard").State;

        var cancelled = Interpreter.Apply(Lane.Load("standard"), state, new Stimulus.Cancel());

        Assert.Equal((WorkflowStatus.Finished, WorkflowSubStatus.Cancelled), (cancelled.State.Status, cancelled.State.SubStatus));
        Assert.Equal(3, cancelled.Effects.OfType<Effect.BookmarkClosed>().Count(c => c.Reason is CloseReason.Canceled));
        Assert.Empty(cancelled.State.Bookmarks);
    }

    [Fact]
    public void Applying_a_stimulus_leaves_the_old_state_untouched()
    {
        var lane = new Lane("standard");
        var before = lane.State;
        var text = before.ToJson();

        lane.Answer("Legal", "veto");

        Assert.Equal(text, before.ToJson());
    }

    [Fact]
    public void Bookmark_ids_are_the_same_in_every_run_and_never_return()
    {
        Assert.Equal(["privacy#1", "security#1", "legal#1"], new Lane("standard").State.Bookmarks.Select(b => b.Id));

        var definition = Corpus.Definition("resubmit-lane");
        var first = Interpreter.Start(definition, new Dictionary<string, JsonElement>()).State;
        var changes = Interpreter.Apply(definition, first, new Stimulus.CompleteTask("legal#1", Lane.Decision("changes"))).State;
        var second = Interpreter.Apply(definition, changes, new Stimulus.CompleteTask("revise#1", Lane.Decision("done"))).State;

        Assert.Equal(["legal#2", "security#2"], second.Bookmarks.Select(b => b.Id));
    }

    [Fact]
    public void A_loop_in_which_nobody_is_asked_ends_as_an_incident()
    {
        var endless = Lane.Edited("fast", json => json["root"]!["connections"]!.AsArray().Last()!["target"]!["activity"] = "nameReview");

        var transition = Interpreter.Start(endless, new Dictionary<string, JsonElement>());

        Assert.Equal(WorkflowSubStatus.Faulted, transition.State.SubStatus);
        Assert.Contains("loops", Assert.Single(transition.Effects.OfType<Effect.IncidentRaised>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_dead_path_does_not_exhaust_the_stack()
    {
        var ids = Enumerable.Range(0, 4_000).Select(i => $"n{i}").ToList();
        var activities = ids.Select(id => $$"""{"id":"{{id}}","type":"Elsa.FlowDecision"}""");
        var connections = ids.Zip(ids.Skip(1), (a, b) => $$"""{"source":"{{a}}","sourcePort":"True","target":"{{b}}"}""");
        var definition = DefinitionJson.Read(
            $$"""{"definitionId":"long","root":{"type":"Elsa.Flowchart","activities":[{{string.Join(',', activities)}}],"connections":[{{string.Join(',', connections)}}] } }""",
            "long.json");

        Assert.Equal(WorkflowSubStatus.Finished, Interpreter.Start(definition, new Dictionary<string, JsonElement>()).State.SubStatus);
    }

    [Fact]
    public void A_result_without_content_is_null()
    {
        var definition = Corpus.Definition("linear-tasks");
        var state = Interpreter.Start(definition, new Dictionary<string, JsonElement>()).State;

        var next = Interpreter.Apply(definition, state, new Stimulus.CompleteTask("a#1", default)).State;

        Assert.Equal(JsonValueKind.Null, WorkflowState.FromJson(next.ToJson()).Variables["First"].ValueKind);
    }
}
