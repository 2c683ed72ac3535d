using CoEPortal.Governance.Intake;

namespace CoEPortal.Web.Intake;

/// <summary>
/// The one-pager while somebody writes it. Properties have the names of <see cref="Proposal"/>, so that the paths of its
/// validator lead to the fields; figures are text, because "about 4000" must stay on the page until it is corrected.
/// </summary>
public sealed class ProposalDraft
{
    public string Title { get; set; } = "";

    public string Problem { get; set; } = "";

    public string Users { get; set; } = "";

    public string BusinessUnit { get; set; } = "";

    public string BusinessOwner { get; set; } = "";

    public string OperationalOwner { get; set; } = "";

    public KpiDraft Kpi { get; private init; } = new();

    public string CasesPerMonth { get; set; } = "";

    public DataClass? DataClass { get; set; }

    public PersonalData? PersonalData { get; set; }

    public Residency? Residency { get; set; }

    public IReadOnlyList<string> Endpoints { get; set; } = [];

    public IReadOnlyList<string> DataSources { get; set; } = [];

    public Autonomy? Autonomy { get; set; }

    public Audience? Audience { get; set; }

    public string PeopleAffectedPerMonth { get; set; } = "";

    public AnnexArea? AnnexArea { get; set; }

    public bool ProfilesPeople { get; set; }

    public Article6Exemption Exemption { get; set; }

    public string ExemptionReason { get; set; } = "";

    public HashSet<ProhibitedPractice> Practices { get; private init; } = [];

    public bool InteractsWithPeople { get; set; }

    public bool PublishesContent { get; set; }

    public string Tone { get; set; } = "";

    public FailSafe? FailSafe { get; set; }

    public DataReadiness? DataReadiness { get; set; }

    public List<KillCriterionDraft> KillCriteria { get; private init; } = [];

    /// <summary>Asked only where an inventory had asked.</summary>
    public Impact? Impact { get; set; }

    public ActRole? Role { get; set; }

    public Gpai? Gpai { get; set; }

    /// <summary>Questions about profiling and exemption exist only in an area of Annex III.</summary>
    public bool IsInAnnexArea => AnnexArea is not (null or Governance.Intake.AnnexArea.None);

    public static ProposalDraft Of(Proposal text) => new()
    {
        Title = text.Title,
        Problem = text.Problem,
        Users = text.Users,
        BusinessUnit = text.BusinessUnit,
        BusinessOwner = text.BusinessOwner,
        OperationalOwner = text.OperationalOwner,
        Kpi = KpiDraft.Of(text.Kpi),
        CasesPerMonth = WrittenNumber.Of(text.CasesPerMonth),
        DataClass = text.DataClass,
        PersonalData = text.PersonalData,
        Residency = text.Residency,
        Endpoints = text.Endpoints,
        DataSources = text.DataSources,
        Autonomy = text.Autonomy,
        Audience = text.Audience,
        PeopleAffectedPerMonth = WrittenNumber.Of(text.PeopleAffectedPerMonth),
        AnnexArea = text.AnnexArea,
        ProfilesPeople = text.ProfilesPeople,
        Exemption = text.Exemption,
        ExemptionReason = text.ExemptionReason,
        Practices = [.. text.Practices],
        InteractsWithPeople = text.InteractsWithPeople,
        PublishesContent = text.PublishesContent,
        Tone = text.Tone,
        FailSafe = text.FailSafe,
        DataReadiness = text.DataReadiness,
        KillCriteria = [.. text.KillCriteria.Select(KillCriterionDraft.Of)],
        Impact = text.Impact,
        Role = text.Role,
        Gpai = text.Gpai,
    };

    /// <summary>What is sent: a figure that is no number is left out, and so are answers to questions that are not asked.</summary>
    public Proposal ToProposal()
    {
        WrittenNumber.TryReadWhole(CasesPerMonth, out var cases);
        WrittenNumber.TryReadWhole(PeopleAffectedPerMonth, out var people);
        return new Proposal
        {
            Title = Title,
            Problem = Problem,
            Users = Users,
            BusinessUnit = BusinessUnit,
            BusinessOwner = BusinessOwner,
            OperationalOwner = OperationalOwner,
            Kpi = Kpi.ToKpi(),
            CasesPerMonth = cases,
            DataClass = DataClass,
            PersonalData = PersonalData,
            Residency = Residency,
            Endpoints = Endpoints,
            DataSources = DataSources,
            Autonomy = Autonomy,
            Audience = Audience,
            PeopleAffectedPerMonth = people,
            AnnexArea = AnnexArea,
            ProfilesPeople = IsInAnnexArea && ProfilesPeople,
            Exemption = IsInAnnexArea ? Exemption : Article6Exemption.None,
            ExemptionReason = IsInAnnexArea && Exemption is not Article6Exemption.None ? ExemptionReason : "",
            Practices = [.. Practices.Order()],
            InteractsWithPeople = InteractsWithPeople,
            PublishesContent = PublishesContent,
            Tone = Tone,
            FailSafe = FailSafe,
            DataReadiness = DataReadiness,
            KillCriteria = [.. KillCriteria.Select(c => c.ToCriterion())],
            Impact = Impact,
            Role = Role,
            Gpai = Gpai,
        };
    }

    /// <summary>Figures that cannot be read, by the path of their field.</summary>
    public IEnumerable<(string Path, string Message)> Unreadable()
    {
        const string Whole = "Write a number without words, for example 4000.";
        const string Figure = "Write a number without words, for example 42 or 2.1.";
        var figures = new List<(string Path, bool IsNumber, string Message)>
        {
            ("Kpi.Baseline", WrittenNumber.TryRead(Kpi.Baseline, out _), Figure),
            ("Kpi.Target", WrittenNumber.TryRead(Kpi.Target, out _), Figure),
            ("CasesPerMonth", WrittenNumber.TryReadWhole(CasesPerMonth, out _), Whole),
            ("PeopleAffectedPerMonth", WrittenNumber.TryReadWhole(PeopleAffectedPerMonth, out _), Whole),
        };
        foreach (var (at, criterion) in KillCriteria.Index())
        {
            figures.Add(($"KillCriteria[{at}].Limit", WrittenNumber.TryRead(criterion.Limit, out _), "Write a number without words, for example 1200."));
            figures.Add(($"KillCriteria[{at}].MinimumSample", WrittenNumber.TryReadWhole(criterion.MinimumSample, out _), "Write a number without words, for example 500."));
        }

        return figures.Where(f => !f.IsNumber).Select(f => (f.Path, f.Message));
    }
}

public sealed class KpiDraft
{
    public string Metric { get; set; } = "";

    public string Unit { get; set; } = "";

    public string Baseline { get; set; } = "";

    public string Target { get; set; } = "";

    public DateOnly? Deadline { get; set; }

    public string Guard { get; set; } = "";

    public static KpiDraft Of(Kpi kpi) => new()
    {
        Metric = kpi.Metric,
        Unit = kpi.Unit,
        Baseline = WrittenNumber.Of(kpi.Baseline),
        Target = WrittenNumber.Of(kpi.Target),
        Deadline = kpi.Deadline,
        Guard = kpi.Guard,
    };

    public Kpi ToKpi()
    {
        WrittenNumber.TryRead(Baseline, out var baseline);
        WrittenNumber.TryRead(Target, out var target);
        return new Kpi { Metric = Metric, Unit = Unit, Baseline = baseline, Target = target, Deadline = Deadline, Guard = Guard };
    }
}

public sealed class KillCriterionDraft
{
    public KillCriterionKind Kind { get; set; }

    public string Limit { get; set; } = "";

    public KillCriterionWindow Window { get; set; } = KillCriterionWindow.Month;

    public string MinimumSample { get; set; } = "";

    public string Description { get; set; } = "";

    public string WindowMinutes { get; set; } = "";

    public string AlertName { get; set; } = "";

    /// <summary>What has no question here, as it came: it must not be lost by opening the form.</summary>
    public KillCriterion Rest { get; private init; } = new();

    public static KillCriterionDraft Of(KillCriterion criterion) => new()
    {
        Rest = criterion,
        WindowMinutes = criterion.WindowMinutes is { } minutes ? WrittenNumber.Of(minutes) : "",
        Kind = criterion.Kind,
        Limit = criterion.Limit == 0 ? "" : WrittenNumber.Of(criterion.Limit),
        Window = criterion.Window,
        MinimumSample = criterion.MinimumSample == 0 ? "" : WrittenNumber.Of(criterion.MinimumSample),
        Description = criterion.Description,
        AlertName = criterion.AlertName ?? "",
    };

    public KillCriterion ToCriterion()
    {
        WrittenNumber.TryRead(Limit, out var limit);
        WrittenNumber.TryReadWhole(MinimumSample, out var sample);
        WrittenNumber.TryReadWhole(WindowMinutes, out var minutes);
        return Rest with
        {
            Kind = Kind,
            Limit = limit ?? 0,
            Window = Window,
            MinimumSample = Kind is KillCriterionKind.Budget || Kind.IsAge() ? 0 : sample ?? 0,
            WindowMinutes = Kind.IsWindowed() ? minutes : Rest.WindowMinutes,
            Description = Description,
            AlertName = Kind is KillCriterionKind.Alert ? AlertName : Rest.AlertName,
        };
    }
}
