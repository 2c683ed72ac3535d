namespace CoEPortal.Web.Intake;

/// <summary>A question of the one-pager: where it is asked, and how it is called when it is still open.</summary>
public sealed record Question(string Path, int Step, string Label)
{
    /// <summary>The id of its field, for links that lead to it.</summary>
    public string Id => Questions.IdOf(Path);
}

/// <summary>All questions in the order in which they are asked. Paths are those of the proposal's validator.</summary>
public static class Questions
{
    public const int LastStep = 5;

    public static IReadOnlyList<string> Steps { get; } =
        ["Problem and owners", "KPI and baseline", "Data and guardrails", "Kill criteria", "Check and submit"];

    public static IReadOnlyList<Question> All { get; } =
    [
        new("Title", 1, "Name"),
        new("Problem", 1, "What is wrong today?"),
        new("Users", 1, "Who will use it?"),
        new("BusinessUnit", 1, "Business unit"),
        new("BusinessOwner", 1, "Business owner"),
        new("OperationalOwner", 1, "Operational owner"),
        new("Kpi.Metric", 2, "Figure that will change"),
        new("Kpi.Unit", 2, "Unit"),
        new("Kpi.Baseline", 2, "Today, without AI"),
        new("Kpi.Target", 2, "Promised"),
        new("Kpi.Deadline", 2, "Reached by"),
        new("CasesPerMonth", 2, "How often in a month?"),
        new("Kpi.Guard", 2, "What must not get worse?"),
        new("DataClass", 3, "Most sensitive data the model will see"),
        new("PersonalData", 3, "Does it contain personal data?"),
        new("Residency", 3, "Where may the data be processed?"),
        new("DataSources", 3, "Data sources"),
        new("DataReadiness", 3, "Is the data there?"),
        new("Endpoints", 3, "Endpoints it may call"),
        new("Autonomy", 3, "How far does it go by itself?"),
        new("Audience", 3, "Who sees what it makes?"),
        new("PeopleAffectedPerMonth", 3, "People affected per month"),
        new("InteractsWithPeople", 3, "Does it talk or publish?"),
        new("Tone", 3, "How should it sound?"),
        new("FailSafe", 3, "When the model is stopped or unsure, what do people do?"),
        new("AnnexArea", 3, "Is it used in one of these areas?"),
        new("Exemption", 3, "Reason why it is not high risk"),
        new("ExemptionReason", 3, "The reason in writing"),
        new("Role", 3, "What are you under the AI Act?"),
        new("Gpai", 3, "General-purpose AI"),
        new("Impact", 3, "Does it impact rights or safety?"),
        new("Practices", 3, "Does it do any of this?"),
        new("KillCriteria", 4, "Kill criteria"),
    ];

    /// <summary>The question a message belongs to; a message about one item of a list belongs to the list's question.</summary>
    public static Question Of(string path)
    {
        var list = path.Split('[')[0];
        return All.First(q => q.Path == list);
    }

    /// <summary>Null when no question of that path is asked any more.</summary>
    public static Question? Find(string path) => All.FirstOrDefault(q => q.Path == path);

    public static string IdOf(string path) => "q-" + path.Replace('.', '-');
}
