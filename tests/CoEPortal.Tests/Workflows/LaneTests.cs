using System.Text;
using CoEPortal.Workflows;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Workflows;

public sealed class LaneTests
{
    private static readonly string[] Decisions = ["approve", "approve-with-conditions", "request-changes", "veto"];

    public static TheoryData<string> Lanes => Lane.Shipped;

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_shipped_lane_has_no_lint_findings(string lane) => Assert.Empty(Lint.Check(Lane.Load(lane), LintPolicy.Lane));

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_shipped_lane_is_stored_in_canonical_form(string lane) =>
        Assert.Equal(Encoding.UTF8.GetString(Lane.Bytes(lane)), Encoding.UTF8.GetString(DefinitionJson.Write(Lane.Load(lane))));

    [Theory]
    [MemberData(nameof(Lanes))]
    public void Every_activity_of_a_shipped_lane_has_its_own_place_in_the_drawing(string lane)
    {
        var places = Lane.Load(lane).Root.Activities.Select(a => (a.Position!.X, a.Position.Y)).ToList();

        Assert.Equal(places.Count, places.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_shipped_lane_says_what_it_is_and_for_what(string name)
    {
        var lane = Lane.Load(name);

        Assert.Equal((name, name, $"{name}-v{lane.Version}"), (lane.DefinitionId, lane.Lane, lane.Id));
        Assert.StartsWith("For ", lane.Purpose, StringComparison.Ordinal);
        Assert.All(lane.Inputs, i => Assert.False(string.IsNullOrEmpty(i.Description)));
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void Every_review_of_a_shipped_lane_has_a_deadline_and_says_when_it_is_escalated(string name)
    {
        var reviews = Lane.Load(name).Root.Activities.Where(a => a.Type == "Elsa.RunTask").Select(a => ReviewPayload.Of(a)!).ToList();

        Assert.All(reviews, r => Assert.True(r.DueInWorkingDays > 0 && r.EscalateAfterWorkingDays > 0));
        Assert.All(reviews, r => Assert.True(r.DueInWorkingDays == 1 || r.RemindBeforeWorkingDays > 0));
        Assert.All(reviews, r => Assert.Contains("veto", r.Actions));
    }

    [Theory]
    [MemberData(nameof(Lanes))]
    public void The_table_in_the_README_names_every_lane(string name) =>
        Assert.Contains($"| `{name}.json` |", File.ReadAllText(Path.Combine(Corpus.RepositoryRoot, "workflows", "README.md")), StringComparison.Ordinal);

    [Fact]
    public void The_fast_lane_approves_without_asking_anybody()
    {
        var lane = new Lane("fast");

        Assert.Equal("approved", lane.Outcome);
        Assert.Equal(WorkflowSubStatus.Finished, lane.State.SubStatus);
        Assert.DoesNotContain(lane.Last.Effects, e => e is Effect.BookmarkOpened);
    }

    [Fact]
    public void The_CoE_lead_is_asked_last()
    {
        var lane = new Lane("standard");
        Assert.Equal(["Privacy", "Security", "Legal"], lane.Asked);

        lane.Answer("Legal", "approve").Answer("Privacy", "approve-with-conditions");
        Assert.Equal(["Security"], lane.Asked);

        lane.Answer("Security", "approve");
        Assert.Equal(["CoeLead"], lane.Asked);
        Assert.Null(lane.Outcome);
    }

    [Fact]
    public void Everybody_approving_approves_the_revision()
    {
        var lane = new Lane("standard")
            .Answer("Legal", "approve").Answer("Privacy", "approve").Answer("Security", "approve")
            .Answer("CoeLead", "approve-with-conditions");

        Assert.Equal("approved", lane.Outcome);
        Assert.Equal("approved", lane.State.Outputs["outcome"].GetString());
        Assert.Contains(lane.Last.Effects, e => e is Effect.Finished);
    }

    [Theory]
    [InlineData("veto", "vetoed")]
    [InlineData("request-changes", "changes-requested")]
    [InlineData("shrug", "vetoed")]
    public void One_refusal_ends_the_round_at_once_and_withdraws_the_others(string decision, string outcome)
    {
        var lane = new Lane("full").Answer("Risk", "approve").Answer("Security", decision);

        Assert.Equal(outcome, lane.Outcome);
        Assert.Equal(WorkflowSubStatus.Finished, lane.State.SubStatus);
        Assert.Empty(lane.State.Bookmarks);
        Assert.Equal(["legal", "privacy"], lane.Withdrawn.Order());
    }

    [Theory]
    [InlineData("veto", "vetoed")]
    [InlineData("request-changes", "changes-requested")]
    public void The_CoE_lead_can_refuse_what_all_others_approved(string decision, string outcome)
    {
        var lane = new Lane("standard")
            .Answer("Legal", "approve").Answer("Privacy", "approve").Answer("Security", "approve")
            .Answer("CoeLead", decision);

        Assert.Equal(outcome, lane.Outcome);
    }

    [Fact]
    public void Brand_is_asked_only_when_customers_see_the_result()
    {
        Assert.DoesNotContain("Brand", new Lane("full", customerFacing: false).Asked);
        Assert.Contains("Brand", new Lane("full", customerFacing: true).Asked);
    }

    [Fact]
    public void Brand_once_asked_has_to_approve()
    {
        var lane = new Lane("full", customerFacing: true)
            .Answer("Legal", "approve").Answer("Security", "approve").Answer("Privacy", "approve").Answer("Risk", "approve");

        Assert.Equal(["Brand"], lane.Asked);
        Assert.Equal(["CoeLead"], lane.Answer("Brand", "approve").Asked);
    }

    [Fact]
    public void No_order_of_decisions_approves_without_every_function_or_outlives_a_refusal()
    {
        var script = Gen.Choose(0, 999).Two().ListOf(6);
        var play = from lane in Gen.Elements("standard", "full")
                   from customerFacing in Gen.Elements(true, false)
                   from answers in script
                   select (lane, customerFacing, answers);

        Prop.ForAll(Arb.From(play), p => EndsAsItsDecisionsSay(p.lane, p.customerFacing, p.answers)).QuickCheckThrowOnFailure();
    }

    private static bool EndsAsItsDecisionsSay(string name, bool customerFacing, IEnumerable<(int, int)> answers)
    {
        var lane = new Lane(name, customerFacing);
        var approving = new HashSet<string>();
        foreach (var (who, what) in answers)
        {
            if (!lane.Asked.Any())
            {
                break;
            }

            // Approval twice as likely as each refusal, or most runs would end at the first answer.
            var function = lane.Asked.ElementAt(who % lane.Asked.Count());
            var decision = Decisions[what % 8 < 6 ? what % 2 : what % 8 - 4];
            lane.Answer(function, decision);
            if (decision is "veto" or "request-changes")
            {
                return lane.Outcome == (decision is "veto" ? "vetoed" : "changes-requested") && !lane.Asked.Any();
            }

            approving.Add(function);
        }

        var required = Lane.Load(name).CustomProperties.GetProperty("requiredFunctions").EnumerateArray().Select(f => f.GetString()!);
        var everybody = customerFacing && name is "full" ? required.Append("Brand") : required;
        return lane.Outcome == (approving.SetEquals(everybody) ? "approved" : null);
    }
}
