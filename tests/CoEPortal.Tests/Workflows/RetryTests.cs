using System.Text.Json;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class RetryTests
{
    private static readonly WorkflowDefinition Counting = Parallel("count", "Int32");

    [Fact]
    public void What_failed_is_asked_again_and_the_other_tasks_can_still_be_answered()
    {
        var state = Answer(Counting, Start(Counting), "a#1", "many");
        Assert.Equal(WorkflowSubStatus.Faulted, state.SubStatus);
        Assert.Equal(["b#1"], state.Bookmarks.Select(b => b.Id));

        var retried = Interpreter.Retry(Counting, Stored(state));

        Assert.True(retried.Matched);
        Assert.Equal((WorkflowStatus.Running, WorkflowSubStatus.Suspended), (retried.State.Status, retried.State.SubStatus));
        Assert.Equal(["b", "a"], retried.State.Bookmarks.Select(b => b.ActivityId));
        Assert.Equal([("a", ActivityEvent.Started), ("a", ActivityEvent.Suspended)], retried.Effects.OfType<Effect.ActivityLogged>().Select(l => (l.ActivityId, l.Event)));

        var end = Answer(Counting, Answer(Counting, retried.State, "b#1", 1), retried.State.Bookmarks[1].Id, 2);
        Assert.Equal(WorkflowSubStatus.Finished, end.SubStatus);
        Assert.Equal((2, 1), (end.Variables["a"].GetInt32(), end.Variables["b"].GetInt32()));
    }

    [Fact]
    public void An_answer_to_another_task_while_something_has_failed_is_not_lost_but_has_to_be_given_after_the_retry()
    {
        var failed = Answer(Counting, Start(Counting), "a#1", "many");

        Assert.Equal(failed.ToJson(), Answer(Counting, failed, "b#1", 1).ToJson());
        Assert.NotNull(Interpreter.Retry(Counting, failed).State.FindBookmark("b#1"));
    }

    [Fact]
    public void What_the_failure_kept_from_running_runs_after_it()
    {
        var broken = Parallel("text", "String", firstIsBroken: true);
        var state = Start(broken);
        Assert.Empty(state.Bookmarks);

        var retried = Interpreter.Retry(broken, Stored(state)).State;
        Assert.Equal(WorkflowSubStatus.Faulted, retried.SubStatus);
        Assert.Equal(state.ToJson(), (retried with { }).ToJson().Replace("\"broken#2\"", "\"broken#1\"", StringComparison.Ordinal).Replace("\"broken\":2", "\"broken\":1", StringComparison.Ordinal));

        var mended = Parallel("text", "String", firstIsBroken: false, version: 2);
        var going = Interpreter.Retry(mended, Upgrade.Apply(broken, mended, Stored(retried)));
        Assert.Equal(["b", "a"], going.State.Bookmarks.Select(b => b.ActivityId));
    }

    [Fact]
    public void Nothing_happens_when_nothing_has_failed()
    {
        var state = Start(Counting);
        var cancelled = Interpreter.Apply(Counting, Answer(Counting, state, "a#1", 1), new Stimulus.Cancel()).State;

        Assert.All([state, cancelled], s =>
        {
            var transition = Interpreter.Retry(Counting, s);
            Assert.False(transition.Matched);
            Assert.Same(s, transition.State);
            Assert.Empty(transition.Effects);
        });
    }

    [Fact]
    public void A_branch_that_failed_while_the_others_went_on_is_retried_alone()
    {
        var going = Parallel("count", "Int32", strategy: "ContinueWithIncidentsStrategy");
        var state = Answer(going, Answer(going, Start(going), "a#1", "many"), "b#1", 5);
        Assert.Equal(WorkflowStatus.Running, state.Status);
        Assert.Empty(state.Bookmarks);

        var retried = Interpreter.Retry(going, Stored(state)).State;

        Assert.Equal(["a"], retried.Bookmarks.Select(b => b.ActivityId));
        Assert.Equal(WorkflowSubStatus.Finished, Answer(going, retried, retried.Bookmarks[0].Id, 4).SubStatus);
    }

    [Fact]
    public void A_state_of_another_version_is_refused() =>
        Assert.Throws<ArgumentException>(() => Interpreter.Retry(Parallel("count", "Int32", version: 2), Start(Counting)));

    [Fact]
    public void A_failed_activity_shows_as_failed_until_it_is_retried()
    {
        var failed = Answer(Counting, Start(Counting), "a#1", "many");

        Assert.Equal(ActivityProgress.Faulted, InstanceView.Of(Counting, failed)["a"].Progress);
        Assert.Equal(ActivityProgress.Waiting, InstanceView.Of(Counting, Interpreter.Retry(Counting, failed).State)["a"].Progress);
    }

    private static WorkflowState Start(WorkflowDefinition definition) => Interpreter.Start(definition, new Dictionary<string, JsonElement>()).State;

    private static WorkflowState Stored(WorkflowState state) => WorkflowState.FromJson(state.ToJson());

    private static WorkflowState Answer<T>(WorkflowDefinition definition, WorkflowState state, string bookmark, T answer) =>
        Interpreter.Apply(definition, Stored(state), new Stimulus.CompleteTask(bookmark, JsonSerializer.SerializeToElement(answer))).State;

    /// <summary>A fork into the tasks a and b, whose answers go into typed variables, and with a step before a that may fail.</summary>
    private static WorkflowDefinition Parallel(
        string id, string typeName, bool? firstIsBroken = null, int version = 1, string strategy = "FaultStrategy")
    {
        var expression = firstIsBroken is true ? "getMissing().member" : "'fine'";
        return DefinitionJson.Read(
            $$$"""
            {
              "definitionId": "{{{id}}}", "version": {{{version}}}, "options": { "incidentStrategyType": "{{{strategy}}}" },
              "variables": [
                { "id": "a", "name": "a", "typeName": "{{{typeName}}}" }, { "id": "b", "name": "b", "typeName": "{{{typeName}}}" },
                { "id": "note", "name": "note", "typeName": "String" }, { "id": "missing", "name": "missing", "typeName": "Object" }
              ],
              "root": {
                "type": "Elsa.Flowchart",
                "activities": [
                  { "id": "fork", "type": "Elsa.FlowFork", "branches": { "typeName": "List<String>", "expression": { "type": "Object", "value": "[\"A\",\"B\"]" } } },
                  { "id": "broken", "type": "Elsa.SetVariable", "variable": { "id": "note" }, "value": { "typeName": "Object", "expression": { "type": "JavaScript", "value": "{{{expression}}}" } } },
                  { "id": "a", "type": "Elsa.RunTask", "taskName": { "typeName": "String", "expression": { "type": "Literal", "value": "ask" } }, "result": { "typeName": "Object", "memoryReference": { "id": "a" } } },
                  { "id": "b", "type": "Elsa.RunTask", "taskName": { "typeName": "String", "expression": { "type": "Literal", "value": "ask" } }, "result": { "typeName": "Object", "memoryReference": { "id": "b" } } },
                  { "id": "join", "type": "Elsa.FlowJoin", "mode": { "typeName": "FlowJoinMode", "expression": { "type": "Literal", "value": "WaitAll" } } },
                  { "id": "end", "type": "Elsa.End" }
                ],
                "connections": [
                  { "source": "fork", "sourcePort": "A", "target": "broken" }, { "source": "broken", "sourcePort": "Done", "target": "a" },
                  { "source": "fork", "sourcePort": "B", "target": "b" },
                  { "source": "a", "sourcePort": "Done", "target": "join" }, { "source": "b", "sourcePort": "Done", "target": "join" },
                  { "source": "join", "sourcePort": "Done", "target": "end" }
                ]
              }
            }
            """,
            "parallel.json");
    }
}
