using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Web.Startup;

internal enum DemoEnd { Draft, InReview, ChangesAsked, Declined, NotAllowed, Approved, InService, Stopped }

internal sealed record DemoAnswer(Role Function, string Persona, int AfterHours, DecisionKind Kind = DecisionKind.Approve, string Comment = "", params string[] Conditions);

internal sealed record DemoPaper(string Title, string File, string Text, string Persona);

/// <summary>What became of one use case of the demo organisation.</summary>
internal sealed record DemoStory(Proposal Proposal, string Author, int StartedDaysAgo, DemoEnd End)
{
    public IReadOnlyList<DemoAnswer> Answers { get; init; } = [];

    /// <summary>What reviewers read beside it; null for most.</summary>
    public DemoPaper? Paper { get; init; }

    public int CallsADay { get; init; } = 120;

    public int InputTokens { get; init; } = 1800;

    public string Gateway { get; init; } = "litellm-eu-1";

    public string StopReason { get; init; } = "";

    /// <summary>What its calls say they are about, the most frequent first; later ones take over when it drifts.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>From then on prompts are longer and answers slower; null when nothing changes.</summary>
    public int? DriftsDaysAgo { get; init; }
}

/// <summary>The stories themselves. People, units and figures are invented.</summary>
internal static class DemoStories
{
    private static readonly DemoAnswer[] StandardYes =
    [
        new(Role.Security, "security", 6),
        new(Role.Privacy, "privacy", 20),
        new(Role.Legal, "legal", 18),
        new(Role.CoeLead, "coe-lead", 22),
    ];

    private static readonly DemoAnswer[] FullYes =
    [
        new(Role.Security, "security2", 9),
        new(Role.Privacy, "privacy", 30, DecisionKind.ApproveWithConditions, "Fine, with one limit on what is kept.", "Delete prompts after 30 days."),
        new(Role.Risk, "risk", 21),
        new(Role.Legal, "legal", 24, DecisionKind.ApproveWithConditions, "Tell readers that AI took part.", "Each letter carries the line “drafted with AI, checked by a person” from day one."),
        new(Role.Brand, "brand", 8),
        new(Role.CoeLead, "coe-lead", 25),
    ];

    private static readonly KillCriterion[] Watched =
    [
        new() { Kind = KillCriterionKind.ErrorRate, Limit = 20, MinimumSample = 20, WindowMinutes = 120 },
        new() { Kind = KillCriterionKind.Latency, Limit = 9000, MinimumSample = 20, WindowMinutes = 120 },
        new() { Kind = KillCriterionKind.GuardrailRate, Limit = 15, MinimumSample = 20, WindowMinutes = 240 },
        new() { Kind = KillCriterionKind.NegativeFeedback, Limit = 30, MinimumSample = 20 },
        new() { Kind = KillCriterionKind.EvaluationScore, Limit = 0.92m, MinimumSample = 200, Description = "Golden set of 400 questions" },
        new() { Kind = KillCriterionKind.Alert, AlertName = "PolicyAnswersWrongTenant", Description = "Answers about another customer" },
        new() { Kind = KillCriterionKind.ApprovalExpiry, Limit = 365 },
    ];

    public static IReadOnlyList<DemoStory> All { get; } =
    [
        new(Idea("Policy question assistant", "Customer Service", "Sofia Klein",
                "Agents search four systems to answer a question about a policy, and one answer in twelve is wrong.", "240 agents in customer service",
                new Kpi { Metric = "Handling time per question", Unit = "minutes", Baseline = 9.9m, Target = 6.9m, Deadline = Day(2026, 12, 31), Guard = "Wrong answers found by reviewers at most 4 %" },
                21000, DataClass.Confidential, PersonalData.Ordinary, "gpt-4.1", ["Policy wordings", "Customer contracts"], 40, 60, peopleAffected: 9000, more: Watched),
            "submitter2", 70, DemoEnd.InService)
        {
            Answers = StandardYes,
            CallsADay = 150,
            InputTokens = 2600,
            DriftsDaysAgo = 24,
            Topics = ["tariffs", "waiting-periods", "cancellation", "glass-damage", "storm-damage"],
            Paper = new("Penetration test, summary of findings", "pentest-summary.txt", "Scope: the assistant with its retrieval, as agents reach it.\nFindings: none high, two medium (verbose errors, no limit on uploads).\nBoth mended and tried again.\n", "security"),
        },
        new(Idea("Call notes", "Customer Service", "Sofia Klein",
                "Agents write notes after each call and spend a fifth of the day on it.", "180 agents on the phone",
                new Kpi { Metric = "After-call work", Unit = "minutes", Baseline = 4.2m, Target = 2.4m, Deadline = Day(2027, 3, 31), Guard = "Complaints about wrong notes not above 3 a week" },
                30000, DataClass.Confidential, PersonalData.Ordinary, "gpt-4.1-mini", ["Call transcripts"], 6, 50, peopleAffected: 8000),
            "submitter2", 64, DemoEnd.Stopped)
        {
            Answers = StandardYes,
            CallsADay = 130,
            StopReason = "Notes of one caller appeared in the record of another. Reported by two agents, confirmed in the log.",
        },
        new(Idea("Developer documentation search", "IT Service Desk", "Ada Dahl",
                "Engineers cannot find what is already written down and ask again in chat.", "300 engineers",
                new Kpi { Metric = "Questions asked twice", Unit = "a week", Baseline = 140, Target = 112, Deadline = Day(2027, 1, 31), Guard = "Answers marked wrong at most 6 %" },
                6000, DataClass.Internal, PersonalData.None, "gpt-4o-mini", ["Engineering handbook", "Runbooks"], 1.5m, 0, interacts: true,
                more: [new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Total, Limit = 1.9m, Description = "Spend until it is looked at again" }]),
            "coe-lead", 58, DemoEnd.InService) { CallsADay = 90, InputTokens = 1200, Gateway = "apisix-eu" },
        new(Idea("Fraud hint generator", "Claims", "Petra Ahlgren",
                "Investigators see a suspicious claim weeks after it was paid.", "18 investigators",
                new Kpi { Metric = "Suspicious claims found before payment", Unit = "per cent", Baseline = 11, Target = 13, Deadline = Day(2027, 6, 30), Guard = "Wrong hints at most 1 in 5" },
                4200, DataClass.Restricted, PersonalData.Special, "gpt-4.1", ["Claims archive", "Medical reports"], 24, 100, Autonomy.Recommends, peopleAffected: 4200),
            "submitter", 55, DemoEnd.InService) { Answers = FullYes, CallsADay = 60, InputTokens = 5200, Gateway = "nginx-claims" },
        new(Idea("Invoice coding", "Finance", "Leo Brandt",
                "Two people type cost centres from supplier invoices.", "Accounts payable",
                new Kpi { Metric = "Invoices coded without a correction", Unit = "per cent", Baseline = 71, Target = 80, Deadline = Day(2027, 2, 28), Guard = "Wrong cost centres at most 2 %" },
                3800, DataClass.Internal, PersonalData.Ordinary, "gpt-4o-mini", ["Supplier invoices"], 1.2m, 40, readiness: DataReadiness.Partly),
            "coe-lead2", 40, DemoEnd.InService) { Answers = StandardYes, CallsADay = 70 },
        new(Idea("Tender translator", "Legal", "Paul Novak",
                "Tenders arrive in nine languages and wait for an outside translator.", "Tender team",
                new Kpi { Metric = "Days until a tender can be read", Unit = "days", Baseline = 6, Target = 1, Deadline = Day(2027, 3, 31), Guard = "No clause left out in monthly samples" },
                160, DataClass.Confidential, PersonalData.None, "gpt-4.1", ["Tender documents"], 40, 0, readiness: DataReadiness.NotYet),
            "coe-lead2", 26, DemoEnd.Approved) { Answers = StandardYes },
        new(Idea("Claims letter drafting", "Claims", "Petra Ahlgren",
                "Handlers write the same four kinds of letter by hand, in 25 minutes each.", "60 claims handlers",
                new Kpi { Metric = "Time to write a letter", Unit = "minutes", Baseline = 25, Target = 20, Deadline = Day(2027, 6, 30), Guard = "Letters sent back at most 2 %" },
                5200, DataClass.Confidential, PersonalData.Ordinary, "gpt-4.1", ["Claims archive", "Letter templates"], 90, 60, audience: Audience.Customers, publishes: true, peopleAffected: 5200),
            "submitter", 9, DemoEnd.InReview) { Answers = [new(Role.Security, "security", 20)] },
        new(Idea("CV shortlist", "People and Culture", "Nora Vance",
                "Recruiters read 400 applications for one opening.", "12 recruiters",
                new Kpi { Metric = "Days to a shortlist", Unit = "days", Baseline = 14, Target = 11, Deadline = Day(2027, 6, 30), Guard = "Same share of women and men as in the applications" },
                900, DataClass.Confidential, PersonalData.Ordinary, "gpt-4.1", ["Applications"], 30, 100, Autonomy.Recommends, AnnexArea.Employment, peopleAffected: 900, readiness: DataReadiness.Partly),
            "coe-lead", 6, DemoEnd.InReview) { Answers = [new(Role.Legal, "legal2", 30)] },
        new(Idea("Contract clause finder", "Legal", "Paul Novak",
                "Lawyers read whole contracts to find three clauses.", "22 lawyers",
                new Kpi { Metric = "Time to find the clauses", Unit = "minutes", Baseline = 55, Target = 48, Deadline = Day(2027, 4, 30), Guard = "Missed clauses at most 1 in 200" },
                700, DataClass.Confidential, PersonalData.None, "claude-sonnet-4-5", ["Contract archive"], 35, 0, readiness: DataReadiness.Partly),
            "coe-lead2", 12, DemoEnd.ChangesAsked)
        {
            Answers = [new(Role.Privacy, "privacy2", 12, DecisionKind.RequestChanges, "Contracts carry names and signatures. Say so under personal data, and how they are removed.")],
        },
        new(Idea("Social media reply bot", "Brand", "Ravi Bose",
                "Replies to posts take a day.", "Social media team",
                new Kpi { Metric = "Time to reply", Unit = "hours", Baseline = 20, Target = 1, Deadline = Day(2027, 1, 31), Guard = "No reply that has to be deleted" },
                5000, DataClass.Public, PersonalData.Ordinary, "gpt-4o", ["Posts to our accounts"], 50, 20, Autonomy.ActsAlone, audience: Audience.Public, publishes: true, interacts: true, peopleAffected: 5000, readiness: DataReadiness.NotYet),
            "submitter2", 20, DemoEnd.Declined)
        {
            Answers = [new(Role.Risk, "risk2", 15, DecisionKind.Veto, "It speaks for us in public without anybody in between. Come back with a person who releases each reply.")],
        },
        new(Idea("Mood of agents from calls", "Customer Service", "Sofia Klein",
                "Team leads want to see how agents feel.", "Team leads",
                new Kpi { Metric = "Agent satisfaction", Unit = "points", Baseline = 61, Target = 65, Deadline = Day(2027, 6, 30), Guard = "Attrition not above 9 %" },
                20000, DataClass.Confidential, PersonalData.Special, "gpt-4o", ["Call recordings"], 40, 0, peopleAffected: 240, readiness: DataReadiness.NotYet) with { Practices = [ProhibitedPractice.EmotionAtWork] },
            "submitter2", 15, DemoEnd.NotAllowed),
        new(Idea("Claims call summaries", "Claims", "Petra Ahlgren",
                "Handlers listen to calls again because the notes say too little.", "140 claims handlers",
                new Kpi { Metric = "Time per claim", Unit = "minutes", Baseline = 42, Target = 31, Deadline = Day(2027, 6, 30) },
                null, DataClass.Confidential, PersonalData.Ordinary, "gpt-4.1-mini", ["Call transcripts"], 50, 0),
            "submitter", 2, DemoEnd.Draft),
    ];

    private static DateOnly Day(int year, int month, int day) => new(year, month, day);

    private static Proposal Idea(
        string title, string unit, string owner, string problem, string users, Kpi kpi, int? casesPerMonth, DataClass dataClass, PersonalData personalData,
        string model, string[] dataSources, decimal monthlyBudget, int reviewedSample, Autonomy autonomy = Autonomy.Assists,
        AnnexArea area = AnnexArea.None, Audience audience = Audience.Team, bool interacts = false, bool publishes = false, int peopleAffected = 0,
        DataReadiness readiness = DataReadiness.Ready, KillCriterion[]? more = null) => new()
        {
            Title = title,
            BusinessUnit = unit,
            BusinessOwner = owner,
            OperationalOwner = owner,
            Problem = problem,
            Users = users,
            Kpi = kpi,
            CasesPerMonth = casesPerMonth,
            DataClass = dataClass,
            PersonalData = personalData,
            Residency = Residency.EuOnly,
            Endpoints = [model],
            DataSources = dataSources,
            Autonomy = autonomy,
            Audience = audience,
            PeopleAffectedPerMonth = peopleAffected,
            AnnexArea = area,
            ProfilesPeople = area is AnnexArea.Employment,
            InteractsWithPeople = interacts,
            PublishesContent = publishes,
            Tone = "Plain, short, no promises.",
            FailSafe = FailSafe.TodaysWay,
            DataReadiness = readiness,
            KillCriteria =
            [
                new KillCriterion { Kind = KillCriterionKind.Budget, Window = KillCriterionWindow.Month, Limit = monthlyBudget, Description = "Spend in a calendar month" },
                .. reviewedSample == 0 ? Array.Empty<KillCriterion>() : [new KillCriterion { Kind = KillCriterionKind.ReviewedQuality, Window = KillCriterionWindow.Month, Limit = 4, MinimumSample = reviewedSample, Description = "Per cent of outputs in which a reviewer finds a wrong fact" }],
                .. more ?? [],
            ],
        };
}
