using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.StageGates;

/// <summary>The gates before a proof of concept, in the order in which they are passed.</summary>
public enum StageGate { ProblemValidation, DataAvailability, OperationalFeasibility, HumanInTheLoop }

/// <summary>Something that a gate asks.</summary>
public sealed record StageGateQuestion
{
    public string Id { get; init; } = "";

    public string Text { get; init; } = "";

    public string Help { get; init; } = "";
}

/// <summary>What is asked at one gate.</summary>
public sealed record StageGateForm
{
    public StageGate Gate { get; init; }

    public string Title { get; init; } = "";

    public string Help { get; init; } = "";

    public List<StageGateQuestion> Questions { get; init; } = [];
}

/// <summary>The versioned questions of the stage gates (<c>templates/stage-gates/stage-gates-*.yaml</c>).</summary>
public sealed record StageGateRules : IVersionedFile
{
    public const string Files = "stage-gates-*.yaml";

    private const int MostQuestions = 20;
    private const int IdLength = 60;

    public string Version { get; init; } = "";

    public DateOnly EffectiveOn { get; init; }

    public List<StageGateForm> Gates { get; init; } = [];

    public StageGateForm this[StageGate gate] => Gates.Single(g => g.Gate == gate);

    public IEnumerable<(string Word, string Sentence)> Faults()
    {
        foreach (var gate in Enum.GetValues<StageGate>().Where(gate => Gates.Count(g => g.Gate == gate) != 1))
        {
            yield return ("gates", $"The gate {gate} is described once, neither less nor more.");
        }

        foreach (var form in Gates)
        {
            if (form.Title.Length == 0 || form.Questions.Count is 0 or > MostQuestions)
            {
                yield return (form.Title, $"The gate {form.Gate} needs a title and 1 to {MostQuestions} questions.");
            }

            foreach (var question in form.Questions.Where(q => q.Id.Length is 0 or > IdLength || q.Text.Length == 0 || form.Questions.Count(o => o.Id == q.Id) > 1))
            {
                yield return (question.Id, $"The question '{question.Id}' of {form.Gate} needs an id of its own of at most {IdLength} characters, and a text.");
            }
        }
    }
}
