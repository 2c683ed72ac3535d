using System.Globalization;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Intake;

/// <summary>The answers of a one-pager in words, the same in the form, on the page of a use case and in print.</summary>
public static class ProposalWords
{
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    public static IReadOnlyList<Choice<DataClass?>> DataClasses { get; } =
    [
        new(DataClass.Public, "Public", "Anybody may read it: brochures, published terms."),
        new(DataClass.Internal, "Internal", "For people of the organisation: handbooks, process notes."),
        new(DataClass.Confidential, "Confidential", "For some people only: claims, contracts, prices."),
        new(DataClass.Restricted, "Restricted", "Harm if it leaks: health files, credentials, merger plans."),
    ];

    public static IReadOnlyList<Choice<PersonalData?>> PersonalDataKinds { get; } =
    [
        new(PersonalData.None, "No", "Or removed before the call"),
        new(PersonalData.Ordinary, "Yes, ordinary", "Names, policy numbers, voices"),
        new(PersonalData.Special, "Yes, special", "Health, beliefs: full lane"),
    ];

    public static IReadOnlyList<Choice<Residency?>> Residencies { get; } =
    [
        new(Residency.EuOnly, "EU only", "Stays in the EU"),
        new(Residency.EuAndUk, "EU and UK", "Stays in the EU and the UK"),
        new(Residency.Anywhere, "Anywhere", "May leave both"),
    ];

    public static IReadOnlyList<Choice<DataReadiness?>> DataReadinesses { get; } =
    [
        new(DataReadiness.Ready, "Ready", "It can be read today"),
        new(DataReadiness.Partly, "Partly", "Some of it is missing"),
        new(DataReadiness.NotYet, "Not yet", "It must be made first"),
    ];

    public static IReadOnlyList<Choice<Autonomy?>> Autonomies { get; } =
    [
        new(Autonomy.Assists, "It assists", "A person reads each output before it has any effect"),
        new(Autonomy.Recommends, "It recommends", "A person decides on its score or ranking"),
        new(Autonomy.ActsWithConfirmation, "It acts once confirmed", "It does something after a person said yes"),
        new(Autonomy.ActsAlone, "It acts alone", "Nobody is in between"),
    ];

    public static IReadOnlyList<Choice<Audience?>> Audiences { get; } =
    [
        new(Audience.Team, "One team", "People who know its limits"),
        new(Audience.Organisation, "The organisation", "Everybody who works here"),
        new(Audience.Customers, "Customers", "Brand decides too"),
        new(Audience.Public, "The public", "Anybody; Brand decides too"),
    ];

    public static IReadOnlyList<Choice<ActRole?>> ActRoles { get; } =
    [
        new(ActRole.Deployer, "Deployer: we use it"),
        new(ActRole.Provider, "Provider: we build it, or put our name on it"),
        new(ActRole.Importer, "Importer"),
        new(ActRole.Distributor, "Distributor"),
        new(ActRole.ProductManufacturer, "Manufacturer of a product it is part of"),
        new(ActRole.AuthorisedRepresentative, "Authorised representative of a provider"),
    ];

    public static IReadOnlyList<Choice<Gpai?>> Gpais { get; } =
    [
        new(Gpai.None, "Not involved"),
        new(Gpai.BuiltOnOne, "Built on somebody else's model"),
        new(Gpai.Provides, "We place such a model on the market"),
        new(Gpai.ProvidesWithSystemicRisk, "We place one with systemic risk on the market"),
    ];

    public static IReadOnlyList<Choice<Impact?>> Impacts { get; } =
    [
        new(Impact.Neither, "Impacts neither"),
        new(Impact.Rights, "Impacts rights"),
        new(Impact.Safety, "Impacts safety"),
        new(Impact.Both, "Impacts both"),
        new(Impact.Undecided, "Not decided yet"),
    ];

    public static IReadOnlyList<Choice<FailSafe?>> FailSafes { get; } =
    [
        new(FailSafe.TodaysWay, "Today's way", "They do it as they do it now"),
        new(FailSafe.SecondPerson, "A second person", "It queues for somebody to look at"),
        new(FailSafe.WorkWaits, "Nothing", "The work waits"),
    ];

    public static IReadOnlyList<Choice<Article6Exemption>> Exemptions { get; } =
    [
        new(Article6Exemption.None, "No exemption claimed"),
        new(Article6Exemption.NarrowTask, "It does a narrow procedural task"),
        new(Article6Exemption.ImprovesFinishedWork, "It improves work that a person has finished"),
        new(Article6Exemption.DetectsPatterns, "It detects patterns in earlier decisions and replaces none"),
        new(Article6Exemption.PreparatoryTask, "It only prepares an assessment"),
    ];

    public static IReadOnlyList<Choice<KillCriterionKind>> CriterionKinds { get; } =
    [
        new(KillCriterionKind.Budget, "Budget", "US dollars; the portal watches each call"),
        new(KillCriterionKind.ReviewedQuality, "Reviewed quality", "Per cent wrong; people watch samples"),
    ];

    /// <summary>What the portal watches by itself besides budgets.</summary>
    public static IReadOnlyList<Choice<KillCriterionKind>> WatchedKinds { get; } =
    [
        new(KillCriterionKind.ErrorRate, "Failed calls", "Stop above (per cent)"),
        new(KillCriterionKind.Latency, "Latency, p95", "Stop above (milliseconds)"),
        new(KillCriterionKind.CostPerCall, "Cost of a call", "Stop above (US dollars)"),
        new(KillCriterionKind.CostPerTask, "Cost of a task (a trace)", "Stop above (US dollars)"),
        new(KillCriterionKind.Unmetered, "Calls without usage", "Stop above (per cent)"),
        new(KillCriterionKind.GuardrailRate, "Guardrail hits", "Stop above (per cent)"),
        new(KillCriterionKind.NegativeFeedback, "Negative feedback", "Stop above (per cent)"),
        new(KillCriterionKind.EvaluationScore, "Evaluation score", "Stop below (score)"),
        new(KillCriterionKind.Alert, "An alert fires", "Alert"),
        new(KillCriterionKind.ApprovalExpiry, "Age of the approval", "Stop after (days)"),
        new(KillCriterionKind.SevereIncident, "A severe incident", "Severe incident"),
        new(KillCriterionKind.StaleCard, "Age of the system card", "Stop after (days)"),
    ];

    /// <summary>How a limit is written: $1,200, 5 %, 2,000 ms.</summary>
    public static string LimitOf(KillCriterion criterion) => FigureOf(criterion.Kind, criterion.Limit);

    /// <summary>A limit or a figure in the unit of its kind.</summary>
    public static string FigureOf(KillCriterionKind kind, decimal figure)
    {
        var limit = figure.ToString("#,0.######", English);
        return kind switch
        {
            KillCriterionKind.Budget => InWords.Money(figure, "USD"),
            KillCriterionKind.Alert => "fires",
            KillCriterionKind.CostPerCall or KillCriterionKind.CostPerTask => $"${limit}",
            KillCriterionKind.Latency => $"{limit} ms",
            KillCriterionKind.ApprovalExpiry or KillCriterionKind.StaleCard => $"{limit} days",
            KillCriterionKind.EvaluationScore or KillCriterionKind.Feedback or KillCriterionKind.SevereIncident => limit,
            _ => $"{limit} %",
        };
    }

    public static IReadOnlyList<Choice<KillCriterionWindow>> Windows { get; } =
    [
        new(KillCriterionWindow.Day, "In a day"),
        new(KillCriterionWindow.Month, "In a calendar month"),
        new(KillCriterionWindow.Total, "In total"),
    ];

    public static string Title<T>(IReadOnlyList<Choice<T?>> choices, T? value)
        where T : struct, Enum =>
        choices.FirstOrDefault(c => c.Value.Equals(value))?.Title ?? InWords.Missing;

    public static string Title<T>(IReadOnlyList<Choice<T>> choices, T value)
        where T : struct, Enum =>
        choices.FirstOrDefault(c => c.Value.Equals(value))?.Title ?? InWords.Missing;

    public static string Of(AnnexArea? area) => area switch
    {
        null => InWords.Missing,
        AnnexArea.None => "None",
        AnnexArea.Biometrics => "Biometrics",
        AnnexArea.CriticalInfrastructure => "Critical infrastructure",
        AnnexArea.Education => "Education",
        AnnexArea.Employment => "Employment",
        AnnexArea.PublicBenefits => "Public assistance benefits",
        AnnexArea.Creditworthiness => "Creditworthiness",
        AnnexArea.InsurancePricing => "Risk and pricing in life and health insurance",
        AnnexArea.EmergencyResponse => "Emergency calls and triage",
        AnnexArea.LawEnforcement => "Law enforcement",
        AnnexArea.Migration => "Migration, asylum and border control",
        AnnexArea.Justice => "Justice and democratic processes",
        _ => "Safety component of a product",
    };

    public static string Of(ProhibitedPractice practice) => practice switch
    {
        ProhibitedPractice.Manipulation => "Manipulates or deceives people",
        ProhibitedPractice.ExploitsVulnerability => "Exploits age, disability or hardship",
        ProhibitedPractice.SocialScoring => "Scores people by their behaviour across their lives",
        ProhibitedPractice.CrimePrediction => "Predicts crime from a profile alone",
        ProhibitedPractice.FaceScraping => "Collects faces from the internet or cameras without a target",
        ProhibitedPractice.EmotionAtWork => "Infers emotions of people at work or in education",
        ProhibitedPractice.BiometricCategorisation => "Sorts people by sensitive traits from their body or voice",
        ProhibitedPractice.RealTimeIdentification => "Identifies people remotely in public in real time",
        _ => "Makes intimate imagery of people without consent",
    };

    public static string Of(Role function) => function is Role.CoeLead ? "CoE lead" : function.ToString();

    /// <summary>Privacy, Security, Legal; or who else settles it when no function decides.</summary>
    public static string Decides(Assessment assessment) => assessment switch
    {
        { Lane: Lane.NotAllowed } => "Nobody can approve it",
        { Functions: [] } => "The rule itself",
        _ => string.Join(", ", assessment.Functions.Select(Of)),
    };

    public static string Of(KillCriterion criterion)
    {
        if (criterion.InWords() is { } measured)
        {
            return measured;
        }

        var window = Title(Windows, criterion.Window).ToLowerInvariant();
        return criterion.Kind is KillCriterionKind.Budget
            ? $"More than {InWords.Money(criterion.Limit, "USD")} {window}"
            : $"More than {criterion.Limit.ToString("0.##", English)} % wrong {window}"
                + (criterion.MinimumSample > 0 ? $", of at least {InWords.Number(criterion.MinimumSample)} read" : "");
    }

    /// <summary>42 → 31 minutes by 30 Jun 2027, 26 % less.</summary>
    public static string Change(Kpi kpi) => kpi.ImprovementPercent is { } change
        ? $"{change.ToString("0.#", English)} % {(kpi.Target < kpi.Baseline ? "less" : "more")} than today"
        : InWords.Missing;

    public static string Of(decimal? figure, string unit) =>
        figure is { } known ? $"{known.ToString("#,0.####", English)} {unit}".TrimEnd() : InWords.Missing;

    /// <summary>A day without a clock beside it, as print needs it: 30 Jun 2027.</summary>
    public static string Of(DateOnly? day) => day?.ToString("d MMM yyyy", English) ?? InWords.Missing;

    public static State Badge(Lane lane) => lane switch
    {
        Lane.Fast => States.FastLane,
        Lane.Standard => States.StandardLane,
        Lane.Full => States.FullLane,
        _ => States.NotAllowed,
    };

    public static State Badge(RiskClass riskClass) => riskClass switch
    {
        RiskClass.Minimal => States.MinimalRisk,
        RiskClass.Limited => States.LimitedRisk,
        RiskClass.High => States.HighRisk,
        _ => States.Prohibited,
    };
}
