using System.Collections.Immutable;
using CoEPortal.Workflows.Drawing;
using CoEPortal.Workflows.Simulating;

namespace CoEPortal.Workflows;

/// <summary>
/// Every way a workflow can end, as a table: who has to answer what for which outcome. Found by playing every input,
/// every order and every answer, as <see cref="Lint"/> does; rows that say the same are one.
/// </summary>
/// <param name="Rows">Approvals first, then changes, vetoes and anything else.</param>
/// <param name="IsComplete">False when the runs were too many: then the table holds those that were found.</param>
public sealed record Outcomes(ImmutableArray<OutcomeRow> Rows, bool IsComplete)
{
    /// <summary>More rows are not readable; the table is then not complete.</summary>
    public const int MaxRows = 200;

    /// <param name="maxSituations">How many situations are played at most.</param>
    public static Outcomes Of(WorkflowDefinition definition, int maxSituations = 10_000)
    {
        var runs = new AllRuns(definition, maxSituations);
        var endings = runs.Play();
        var rows = new OutcomeTable(definition, endings).Rows();
        return new Outcomes([.. rows.Take(MaxRows)], runs.IsComplete && rows.Count <= MaxRows);
    }
}

/// <param name="Outcome">
/// The value of <c>outcome</c>; for a workflow without that variable how it ends. "fails" and "waits for ever" are
/// what lint refuses.
/// </param>
/// <param name="When">The inputs it needs, for example "customerFacing is true"; null when it does not depend on them.</param>
/// <param name="Answers">Order-free. Empty when nobody is asked, or when no answer makes a difference.</param>
/// <param name="IsAnyOne">One of the answers suffices, whatever the others say; otherwise all are needed.</param>
/// <param name="Runs">How many different sequences of answers lead here; null when the order was not played because it cannot matter.</param>
/// <param name="Example">One such run, step by step.</param>
public sealed record OutcomeRow(
    string Outcome, string? When, ImmutableArray<OutcomeAnswer> Answers, bool IsAnyOne, long? Runs, ImmutableArray<string> Example)
{
    /// <summary>"Any one of Legal, Security or Risk answers “veto”", "Legal and CoE lead answer “approve”".</summary>
    public string Sentence
    {
        get
        {
            if (Answers.IsEmpty)
            {
                return Example.IsEmpty ? "Nobody is asked" : "Whatever is answered";
            }

            if (IsAnyOne && Answers.Length > 1)
            {
                return $"Any one of {Words.List([.. Answers.Select(a => a.Who)], "or")} answers {Quoted(Answers[0].Answer)}";
            }

            return string.Join("; ", Answers.GroupBy(a => a.Answer).Select(g =>
                $"{Words.List([.. g.Select(a => a.Who)])} {(g.Count() == 1 ? "answers" : "answer")} {Quoted(g.Key)}"));
        }
    }

    private static string Quoted(string answer) => $"“{Words.InSentence(answer)}”";
}

/// <param name="Who">The function in words; the task's title where no function is named or one is asked twice.</param>
/// <param name="Answer">The decision; "approve" stands for every approving answer where they end alike.</param>
public sealed record OutcomeAnswer(string ActivityId, string Who, string Answer);
