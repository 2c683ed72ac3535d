using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Approvals;

/// <summary>Lanes, classes and decisions as the badges everybody knows.</summary>
public static class ReviewStates
{
    /// <summary>Roles that decide in some lane.</summary>
    private static readonly Role[] Deciding = [Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.Brand, Role.CoeLead];

    public static State Of(Lane lane) => lane switch
    {
        Lane.Fast => States.FastLane,
        Lane.Standard => States.StandardLane,
        Lane.Full => States.FullLane,
        _ => States.NotAllowed,
    };

    public static State Of(RiskClass riskClass) => riskClass switch
    {
        RiskClass.Minimal => States.MinimalRisk,
        RiskClass.Limited => States.LimitedRisk,
        RiskClass.High => States.HighRisk,
        _ => States.Prohibited,
    };

    public static State Of(DecisionKind kind) => kind switch
    {
        DecisionKind.Approve or DecisionKind.ApproveWithConditions => States.Approved,
        DecisionKind.RequestChanges => States.ChangesAsked,
        _ => States.Veto,
    };

    public static IReadOnlyList<Role> FunctionsOf(Actor person) => [.. Deciding.Where(person.Is)];

    /// <summary>"C1", "C1 and C2", "Legal, Security and Risk".</summary>
    public static string Listed(IEnumerable<string> parts)
    {
        var all = parts.ToList();
        return all.Count < 2 ? string.Concat(all) : $"{string.Join(", ", all.SkipLast(1))} and {all[^1]}";
    }
}
