using System.Globalization;
using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.Dpia;

/// <summary>What the one-pager already says, in the words that an assessment begins with.</summary>
public static class DpiaFacts
{
    private static readonly Dictionary<string, (string Question, Func<Proposal, string> Answer)> Facts = new()
    {
        ["owners"] = ("Owners", p => Joined(("Business owner", p.BusinessOwner), ("Operational owner", p.OperationalOwner), ("Business unit", p.BusinessUnit))),
        ["problem"] = ("Problem", p => p.Problem),
        ["goal"] = ("KPI", p => Joined(("Problem", p.Problem), ("Measured by", p.Kpi.Metric), ("Must not get worse", p.Kpi.Guard))),
        ["people"] = ("Users and people affected", p => Joined(("Users", p.Users), ("Audience", Word(p.Audience)), ("People affected a month", Number(p.PeopleAffectedPerMonth)), ("Profiles people", p.ProfilesPeople ? "yes" : ""))),
        ["processing"] = ("Autonomy and cases", p => Joined(("How far it goes by itself", Word(p.Autonomy)), ("Cases a month", Number(p.CasesPerMonth)), ("Data sources", string.Join(", ", p.DataSources)))),
        ["data"] = ("Data", p => Joined(("Class of data", Word(p.DataClass)), ("Personal data", Word(p.PersonalData)), ("Data sources", string.Join(", ", p.DataSources)))),
        ["endpoints"] = ("Models and endpoints", p => string.Join("\n", p.Endpoints)),
        ["residency"] = ("Residency", p => Word(p.Residency)),
        ["volume"] = ("Cases", p => Joined(("Cases a month", Number(p.CasesPerMonth)))),
        ["oversight"] = ("Autonomy and fail-safe", p => Joined(("How far it goes by itself", Word(p.Autonomy)), ("When it is stopped", Word(p.FailSafe)))),
    };

    public static IReadOnlyCollection<string> Known => Facts.Keys;

    /// <summary>The question of the one-pager that a fact comes from.</summary>
    public static string QuestionOf(string fact) => Facts[fact].Question;

    public static string AnswerOf(string fact, Proposal proposal) => Facts[fact].Answer(proposal);

    /// <summary>What makes an assessment another one when it changes: not how the problem is told, but whose data goes where and what is done with it.</summary>
    public static Dictionary<string, string> Material(Proposal p) => new()
    {
        ["class of data"] = Word(p.DataClass),
        ["personal data"] = Word(p.PersonalData),
        ["residency"] = Word(p.Residency),
        ["models and endpoints"] = string.Join(", ", p.Endpoints.Order(StringComparer.Ordinal)),
        ["data sources"] = string.Join(", ", p.DataSources.Order(StringComparer.Ordinal)),
        ["how far it goes by itself"] = Word(p.Autonomy),
        ["audience"] = Word(p.Audience),
        ["area of Annex III"] = Word(p.AnnexArea),
        ["profiling"] = p.ProfilesPeople ? "yes" : "no",
        ["people affected"] = Number(p.PeopleAffectedPerMonth),
    };

    /// <summary>Criteria that the one-pager itself answers with yes.</summary>
    public static IEnumerable<string> MetCriteria(Proposal p)
    {
        if (p.ProfilesPeople || p.AnnexArea is AnnexArea.Creditworthiness or AnnexArea.InsurancePricing or AnnexArea.Employment)
        {
            yield return "scoring";
        }

        if (p.Autonomy is Autonomy.ActsAlone && p.PersonalData is not (null or PersonalData.None))
        {
            yield return "automated-decision";
        }

        if (p.PersonalData is PersonalData.Special)
        {
            yield return "sensitive-data";
        }

        if (p.PeopleAffectedPerMonth >= 10_000 && p.PersonalData is not (null or PersonalData.None))
        {
            yield return "large-scale";
        }

        if (p.AnnexArea is AnnexArea.Employment or AnnexArea.Education or AnnexArea.Migration)
        {
            yield return "vulnerable-people";
        }

        if (p.PersonalData is not (null or PersonalData.None))
        {
            yield return "new-technology";
        }

        if (p.AnnexArea is AnnexArea.PublicBenefits or AnnexArea.Creditworthiness or AnnexArea.InsurancePricing or AnnexArea.EmergencyResponse)
        {
            yield return "blocks-a-right";
        }
    }

    /// <summary>
    /// Article 27(1): every deployer in points 5(b) and 5(c) of Annex III; in its other points, but for point 2, bodies governed by
    /// public law and private ones that provide public services. Where Article 6(3) exempts the system, it is not high-risk.
    /// </summary>
    public static bool AsksForFria(Proposal p, bool isPublicService) =>
        (p.Exemption is Article6Exemption.None || p.ProfilesPeople)
        && (p.AnnexArea is AnnexArea.Creditworthiness or AnnexArea.InsurancePricing
            || isPublicService && p.AnnexArea is not (null or AnnexArea.None or AnnexArea.CriticalInfrastructure or AnnexArea.ProductSafety));

    private static string Joined(params (string Name, string Value)[] parts) => string.Join("\n", parts.Where(p => p.Value.Length > 0).Select(p => $"{p.Name}: {p.Value}"));

    private static string Number(int? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    private static string Word(Enum? value) => value is null ? "" : string.Concat(value.ToString().Select((c, at) => at > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
}
