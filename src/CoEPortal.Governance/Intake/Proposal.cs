using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CoEPortal.Governance.Intake;

public enum DataClass { Public, Internal, Confidential, Restricted }

public enum PersonalData { None, Ordinary, Special }

public enum Residency { EuOnly, EuAndUk, Anywhere }

/// <summary>How far the system goes by itself.</summary>
public enum Autonomy
{
    /// <summary>A person reads each output before it has any effect.</summary>
    Assists,

    /// <summary>A person decides on a score or ranking that the system made.</summary>
    Recommends,

    /// <summary>The system acts after a person confirmed.</summary>
    ActsWithConfirmation,

    ActsAlone,
}

public enum Audience { Team, Organisation, Customers, Public }

/// <summary>Areas of Annex III of Regulation (EU) 2024/1689, and products of Annex I.</summary>
public enum AnnexArea
{
    None,
    Biometrics,
    CriticalInfrastructure,
    Education,
    Employment,
    PublicBenefits,
    Creditworthiness,
    InsurancePricing,
    EmergencyResponse,
    LawEnforcement,
    Migration,
    Justice,
    ProductSafety,
}

/// <summary>Reasons of Art. 6(3) why a system of Annex III is not high risk. Never open to profiling of people.</summary>
public enum Article6Exemption { None, NarrowTask, ImprovesFinishedWork, DetectsPatterns, PreparatoryTask }

/// <summary>Practices that Art. 5 prohibits.</summary>
public enum ProhibitedPractice
{
    Manipulation,
    ExploitsVulnerability,
    SocialScoring,
    CrimePrediction,
    FaceScraping,
    EmotionAtWork,
    BiometricCategorisation,
    RealTimeIdentification,
    IntimateImagery,
}

/// <summary>Whether it impacts people's rights or their safety, as US agencies are asked (OMB M-24-10).</summary>
public enum Impact
{
    Neither,
    Rights,
    Safety,
    Both,

    /// <summary>Asked, and left open. Not a no.</summary>
    Undecided,
}

/// <summary>What the organisation is in the sense of Art. 3 of Regulation (EU) 2024/1689. Who puts their name on a system, or changes what it is for, becomes its provider (Art. 25).</summary>
public enum ActRole { Deployer, Provider, Importer, Distributor, ProductManufacturer, AuthorisedRepresentative }

/// <summary>How it stands to general-purpose AI models (Art. 51 to 55), which is asked apart from the class of risk.</summary>
public enum Gpai
{
    None,

    /// <summary>Built on somebody else's.</summary>
    BuiltOnOne,

    /// <summary>The organisation places one on the market.</summary>
    Provides,

    ProvidesWithSystemicRisk,
}

/// <summary>What people do when the system is stopped or unsure.</summary>
public enum FailSafe { TodaysWay, SecondPerson, WorkWaits }

public enum DataReadiness { Ready, Partly, NotYet }

public enum KillCriterionKind
{
    /// <summary>Money spent, in US dollars. Watched by the portal on every call that arrives.</summary>
    Budget,

    /// <summary>Per cent of wrong outputs found by people. Watched by people, who engage the switch.</summary>
    ReviewedQuality,

    /// <summary>US dollars for a call, of those whose cost is known.</summary>
    CostPerCall,

    /// <summary>Per cent of failed calls.</summary>
    ErrorRate,

    /// <summary>Milliseconds within which 95 of 100 calls end.</summary>
    Latency,

    /// <summary>Per cent of calls without any usage.</summary>
    Unmetered,

    /// <summary>Days after which an approval has to be renewed.</summary>
    ApprovalExpiry,

    /// <summary>Per cent of calls that a guardrail stopped or changed.</summary>
    GuardrailRate,

    /// <summary>The score of the newest evaluation that a program reports; worse below.</summary>
    EvaluationScore,

    /// <summary>Per cent of the feedback that is negative.</summary>
    NegativeFeedback,

    /// <summary>An alert of the monitoring system, by its name.</summary>
    Alert,

    /// <summary>A severe incident is triaged and not resolved.</summary>
    SevereIncident,

    /// <summary>Days after which the system card has to be published anew.</summary>
    StaleCard,

    /// <summary>US dollars for what one trace covers; calls without a trace are in no task.</summary>
    CostPerTask,

    // Promised and shown; the portal does not measure them.
    Feedback,
}

public enum KillCriterionWindow { Day, Month, Total }

/// <summary>A promise to stop: beyond this limit the use case's own switch is engaged.</summary>
public sealed record KillCriterion
{
    public KillCriterionKind Kind { get; init; }

    public decimal Limit { get; init; }

    public KillCriterionWindow Window { get; init; } = KillCriterionWindow.Month;

    public int MinimumSample { get; init; }

    public string Description { get; init; } = "";

    // Left out when not given: what was signed before these existed keeps its hash.

    /// <summary>The time over which a rate is taken; 60 minutes unless given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? WindowMinutes { get; init; }

    /// <summary>Below this it counts as over again and may engage once more; 80 per cent of the limit unless given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? ClearBelow { get; init; }

    /// <summary>So long after it engaged it does not engage again; its window unless given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CooldownMinutes { get; init; }

    /// <summary>The alert that engages, as the monitoring system names it; with <see cref="KillCriterionKind.Alert"/> only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AlertName { get; init; }
}

/// <summary>The hypothesis that can be proven wrong: this figure moves from here to there by then, and this stays.</summary>
public sealed record Kpi
{
    public string Metric { get; init; } = "";

    public string Unit { get; init; } = "";

    public decimal? Baseline { get; init; }

    public decimal? Target { get; init; }

    public DateOnly? Deadline { get; init; }

    /// <summary>What must not get worse while the KPI gets better.</summary>
    public string Guard { get; init; } = "";

    /// <summary>Change from baseline to target, in per cent of the baseline; null while either is missing.</summary>
    [JsonIgnore]
    public decimal? ImprovementPercent =>
        Baseline is { } from && Target is { } to && from != 0 ? Math.Abs((to - from) / from) * 100 : null;
}

/// <summary>The one-pager: what somebody proposes, in the words of the person who proposes it.</summary>
public sealed record Proposal
{
    /// <summary>The paths of all answers, e.g. <c>Problem</c> and <c>Kpi.Target</c>.</summary>
    public static IReadOnlySet<string> Questions { get; } =
        typeof(Proposal).GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(answer => answer.PropertyType == typeof(Kpi)
            ? typeof(Kpi).GetProperties().Where(part => part.CanWrite).Select(part => $"{answer.Name}.{part.Name}")
            : [answer.Name]).ToHashSet();

    public string Title { get; init; } = "";

    public string Problem { get; init; } = "";

    public string Users { get; init; } = "";

    public string BusinessUnit { get; init; } = "";

    /// <summary>Who answers for profit and loss.</summary>
    public string BusinessOwner { get; init; } = "";

    public string OperationalOwner { get; init; } = "";

    public Kpi Kpi { get; init; } = new();

    public int? CasesPerMonth { get; init; }

    public DataClass? DataClass { get; init; }

    public PersonalData? PersonalData { get; init; }

    public Residency? Residency { get; init; }

    /// <summary>Models and endpoints it may call, by the names the gateway reports.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    public IReadOnlyList<string> DataSources { get; init; } = [];

    public Autonomy? Autonomy { get; init; }

    public Audience? Audience { get; init; }

    public int? PeopleAffectedPerMonth { get; init; }

    public AnnexArea? AnnexArea { get; init; }

    public bool ProfilesPeople { get; init; }

    public Article6Exemption Exemption { get; init; }

    public string ExemptionReason { get; init; } = "";

    public IReadOnlyList<ProhibitedPractice> Practices { get; init; } = [];

    public bool InteractsWithPeople { get; init; }

    public bool PublishesContent { get; init; }

    public string Tone { get; init; } = "";

    public FailSafe? FailSafe { get; init; }

    public DataReadiness? DataReadiness { get; init; }

    public IReadOnlyList<KillCriterion> KillCriteria { get; init; } = [];

    // Left out when not given: what was signed before these existed keeps its hash.

    /// <summary>The answer of the inventory it was taken over from; null where nobody was asked.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Impact? Impact { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ActRole? Role { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Gpai? Gpai { get; init; }

    // Records compare lists by reference; two proposals are the same when they say the same.
    public bool SaysTheSameAs(Proposal other) => JsonNode.DeepEquals(ToJson(), other.ToJson());

    public JsonNode ToJson() => JsonSerializer.SerializeToNode(this, ProposalJson.Options)!;

    public static Proposal FromJson(string json) => JsonSerializer.Deserialize<Proposal>(json, ProposalJson.Options)!;
}

/// <summary>One form of a proposal in the API, in the database and under the content hash.</summary>
public static class ProposalJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        MaxDepth = 16,
    };
}
