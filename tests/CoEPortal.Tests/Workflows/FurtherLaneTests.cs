using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class FurtherLaneTests
{
    [Fact]
    public void Legal_and_Security_look_at_an_assessment_at_once_before_Risk_accepts_what_remains()
    {
        var lane = Dpia(residualRiskHigh: false);
        Assert.Equal(["Legal", "Security"], lane.Asked);

        Assert.Equal(["Risk"], lane.Answer("Security", "approve").Answer("Legal", "approve-with-conditions").Asked);
        Assert.Null(lane.Outcome);
        Assert.Equal("approved", lane.Answer("Risk", "approve").Outcome);
    }

    [Fact]
    public void A_high_residual_risk_is_not_accepted_before_the_supervisory_authority_was_consulted()
    {
        var lane = Dpia(residualRiskHigh: true).Answer("Legal", "approve").Answer("Security", "approve");
        Assert.Equal(["Privacy"], lane.Asked);
        Assert.Equal("consultation", Assert.Single(lane.State.Bookmarks).ActivityId);

        Assert.Equal(["Risk"], lane.Answer("Privacy", "approve").Asked);
        Assert.Equal("approved", lane.Answer("Risk", "approve").Outcome);
    }

    [Theory]
    [InlineData("veto", "vetoed")]
    [InlineData("request-changes", "changes-requested")]
    public void What_the_supervisory_authority_objects_to_is_not_approved(string answer, string outcome)
    {
        var lane = Dpia(residualRiskHigh: true).Answer("Legal", "approve").Answer("Security", "approve");

        Assert.Equal(outcome, lane.Answer("Privacy", answer).Outcome);
        Assert.Empty(lane.Asked);
    }

    [Theory]
    [InlineData("Legal")]
    [InlineData("Security")]
    public void After_a_veto_nobody_is_asked_to_accept_the_risk(string function)
    {
        var lane = Dpia(residualRiskHigh: true).Answer(function, "veto");

        Assert.Equal("vetoed", lane.Outcome);
        Assert.Empty(lane.Asked);
    }

    [Fact]
    public void A_change_in_production_is_looked_at_by_Security_and_Risk_at_once_and_by_the_CoE_lead_last()
    {
        var lane = new Lane("promotion-board", ("revision", 3), ("change", "prompt"));
        Assert.Equal("change of the prompt, revision 3", lane.State.Name);
        Assert.Equal(["Security", "Risk"], lane.Asked);

        Assert.Equal(["CoeLead"], lane.Answer("Risk", "approve").Answer("Security", "approve").Asked);
        Assert.Equal("approved", lane.Answer("CoeLead", "approve").Outcome);
    }

    [Theory]
    [InlineData("Security")]
    [InlineData("Risk")]
    public void Anyone_on_the_promotion_board_can_veto(string function)
    {
        var lane = new Lane("promotion-board", ("revision", 3), ("change", "model")).Answer(function, "veto");

        Assert.Equal("vetoed", lane.Outcome);
        Assert.Empty(lane.Asked);
    }

    [Theory]
    [InlineData("Legal", "Legal")]
    [InlineData("Security", "Security")]
    [InlineData("Privacy", "Privacy")]
    [InlineData("Risk", "Risk")]
    [InlineData("rule", "Risk")]
    [InlineData("CoeLead", "Risk")]
    [InlineData("", "Risk")]
    public void The_function_that_engaged_a_switch_releases_it_first_and_then_the_CoE_lead(string engagedBy, string first)
    {
        var lane = new Lane("switch-release", ("switch", "UC-0007"), ("engagedBy", engagedBy));
        Assert.Equal([first], lane.Asked);

        Assert.Equal(["CoeLead"], lane.Answer(first, "approve").Asked);
        Assert.Null(lane.Outcome);
        Assert.Equal("approved", lane.Answer("CoeLead", "approve").Outcome);
    }

    [Theory]
    [InlineData("approve-with-conditions", "vetoed")]
    [InlineData("veto", "vetoed")]
    [InlineData("request-changes", "changes-requested")]
    public void A_switch_is_released_or_it_is_not(string answer, string outcome)
    {
        var lane = new Lane("switch-release", ("switch", "UC-0007"), ("engagedBy", "Legal"));

        Assert.Equal(outcome, lane.Answer("Legal", answer).Outcome);
        Assert.DoesNotContain("approve-with-conditions", ReviewPayload.Of(Lane.Load("switch-release").FindActivity("legal")!)!.Actions);
    }

    private static Lane Dpia(bool residualRiskHigh) => new("dpia-review", ("revision", 1), ("residualRiskHigh", residualRiskHigh));
}
