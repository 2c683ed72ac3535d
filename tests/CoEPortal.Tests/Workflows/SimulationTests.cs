using System.Text.Json;
using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class SimulationTests
{
    [Fact]
    public void A_lane_can_be_tried_out_answer_by_answer()
    {
        var simulation = Start("standard");
        Assert.Equal(["Privacy", "Security", "Legal"], simulation.Open.Select(t => t.Function));
        Assert.Equal(["approve", "approve-with-conditions", "request-changes", "veto"], simulation.Open[0].Actions);
        Assert.Equal(3, simulation.Open[0].DueInWorkingDays);
        Assert.Null(simulation.Outcome);

        var vetoed = Answer(Answer(simulation, "Legal", "approve"), "Security", "veto");

        Assert.Equal("vetoed", vetoed.Outcome);
        Assert.Empty(vetoed.Open);
        Assert.Equal(["Legal: approve", "Security: veto"], vetoed.Answers);
        Assert.Equal(ActivityProgress.Withdrawn, vetoed.View["privacy"].Progress);
    }

    [Fact]
    public void An_answer_can_be_taken_back()
    {
        var before = Answer(Start("standard"), "Legal", "approve");
        var after = Answer(before, "Security", "veto");

        Assert.Same(before, after.Undo());
        Assert.Same(before.Undo(), before.Undo().Undo());
        Assert.False(before.Undo().CanUndo);
        Assert.Null(before.Outcome);
    }

    [Fact]
    public void An_answer_to_what_is_not_open_changes_nothing()
    {
        var simulation = Answer(Start("standard"), "Legal", "veto");

        Assert.Same(simulation, simulation.Answer("privacy#1", "approve"));
        Assert.Same(simulation, simulation.Answer("nobody", "approve"));
    }

    [Fact]
    public void The_inputs_that_make_a_difference_are_offered_with_their_values()
    {
        var inputs = Simulation.InputsOf(Lane.Load("switch-release")).ToDictionary(i => i.Name);
        Assert.Equal(["Legal", "something-else", "Security", "Privacy"], inputs["engagedBy"].Choices.Select(c => c.GetString()));
        Assert.True(inputs["engagedBy"].Decides);
        Assert.False(inputs["switch"].Decides);

        var customerFacing = Simulation.InputsOf(Lane.Load("full")).Single(i => i.Decides);
        Assert.Equal(("customerFacing", "Customer facing", "Boolean"), (customerFacing.Name, customerFacing.Title, customerFacing.Type));
        Assert.Equal([true, false], customerFacing.Choices.Select(c => c.GetBoolean()));
    }

    [Fact]
    public void The_journal_of_a_simulation_is_that_of_an_instance()
    {
        var simulation = Answer(Start("standard"), "Legal", "approve");
        var lane = new Lane("standard");
        var first = lane.Last.Effects;
        lane.Answer("Legal", "approve");

        Assert.Equal(
            first.Concat(lane.Last.Effects).OfType<Effect.ActivityLogged>().Select(l => new JournalEntry(l.ActivityId, l.Event)),
            simulation.Journal);
    }

    [Fact]
    public void A_workflow_that_fails_says_why()
    {
        var broken = Lane.Edited("standard", json => LaneEdit.Activity(json, "legalDecision")["cases"]![0]!["condition"]!["value"] = "getLegal().a.b === 1");

        var failed = Answer(Start(broken), "Legal", "approve");

        Assert.Contains("cannot read", failed.Incident, StringComparison.Ordinal);
        Assert.Empty(failed.Open);
        Assert.Null(failed.Outcome);
    }

    private static Simulation Start(string lane) => Start(Lane.Load(lane));

    private static Simulation Start(WorkflowDefinition lane) => Simulation.Start(lane, new Dictionary<string, JsonElement>
    {
        ["revision"] = JsonSerializer.SerializeToElement(1),
        ["customerFacing"] = JsonSerializer.SerializeToElement(false),
    });

    private static Simulation Answer(Simulation simulation, string function, string decision) =>
        simulation.Answer(simulation.Open.Single(t => t.Function == function).BookmarkId, decision);
}
