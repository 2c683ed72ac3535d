using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class OutcomesTests
{
    public static TheoryData<string> Shipped => Lane.Shipped;

    [Fact]
    public void A_lane_with_hundreds_of_runs_is_three_lines()
    {
        var outcomes = Outcomes.Of(Lane.Load("standard"));

        Assert.True(outcomes.IsComplete);
        Assert.Equal(
            [
                ("approved", "Privacy, Security, Legal and CoE lead answer “approve”"),
                ("changes-requested", "Any one of Privacy, Security, Legal or CoE lead answers “request changes”"),
                ("vetoed", "Any one of Privacy, Security, Legal or CoE lead answers “veto”"),
            ],
            outcomes.Rows.Select(r => (r.Outcome, r.Sentence)));
        // Three reviewers in any of 3! orders, each with or without conditions, then the CoE lead.
        Assert.Equal(6 * 8 * 2, outcomes.Rows[0].Runs / 4);
    }

    [Fact]
    public void An_input_is_named_only_where_it_matters()
    {
        var rows = Outcomes.Of(Lane.Load("full")).Rows;

        Assert.Equal(["customerFacing is true", "customerFacing is false"], rows.Where(r => r.Outcome == "approved").Select(r => r.When));
        Assert.Contains(rows, r => r is { When: "customerFacing is true", Sentence: "Brand answers “veto”" });
        Assert.Contains(rows, r => r is { When: null, Sentence: "Any one of Legal, Security, Privacy, Risk or CoE lead answers “veto”" });
    }

    [Fact]
    public void A_function_that_is_asked_twice_is_told_apart()
    {
        var twice = Lane.Edited("dpia-review", json =>
        {
            var payload = LaneEdit.Activity(json, "consultation")["payload"]!["expression"]!;
            payload["value"] = payload["value"]!.GetValue<string>().Replace("Privacy", "Security", StringComparison.Ordinal);
        });

        Assert.Contains(Outcomes.Of(twice).Rows, r => r is { Outcome: "vetoed", When: "residualRiskHigh is true", Sentence: "Security (Prior consultation) answers “veto”" });
    }

    [Fact]
    public void A_lane_that_asks_nobody_says_so() =>
        Assert.Equal(("approved", "Nobody is asked", null), Outcomes.Of(Lane.Load("fast")).Rows.Select(r => (r.Outcome, r.Sentence, r.When)).Single());

    [Fact]
    public void A_workflow_in_which_no_answer_matters_says_so() =>
        Assert.Equal("Whatever is answered", Assert.Single(Outcomes.Of(Corpus.Definition("linear-tasks")).Rows).Sentence);

    [Fact]
    public void What_lint_refuses_shows_in_the_table()
    {
        var early = Lane.Edited("standard", json => LaneEdit.Activity(json, "allApproved")["mode"]!["expression"]!["value"] = "WaitAny");

        Assert.Contains(Outcomes.Of(early).Rows, r => r.Outcome == "approved" && r.Answers.Length == 2);
    }

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_row_comes_with_a_run_that_ends_so(string name)
    {
        var outcomes = Outcomes.Of(Lane.Load(name));

        Assert.True(outcomes.IsComplete);
        Assert.All(outcomes.Rows, r => Assert.Contains(r.Outcome, new[] { "approved", "changes-requested", "vetoed" }));
        Assert.All(outcomes.Rows, r => Assert.Equal(r.Answers.IsEmpty, r.Example.IsEmpty));
    }

    [Fact]
    public void Too_many_runs_give_a_part_of_the_table_and_say_so() =>
        Assert.False(Outcomes.Of(Lane.Load("full"), maxSituations: 50).IsComplete);
}
