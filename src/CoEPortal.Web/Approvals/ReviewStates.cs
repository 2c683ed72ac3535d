using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Approvals;

/// <summary>Decisions as the badges everybody knows, and who gives them.</summary>
public static class ReviewStates
{
    /// <summary>Roles that decide in some lane.</summary>
    private static readonly Role[] Deciding = [Role.Legal, Role.Security, Role.Privacy, Role.Risk, Role.Brand, Role.CoeLead];

    /// <summary>The lane that asks.</summary>
    public static State LaneOf(ReviewTopic topic, Governance.Intake.Lane lane) =>
        topic switch
        {
            ReviewTopic.Promotion => new("Promotion board", "upgrade", Tone.Info),
            ReviewTopic.Dpia => new("DPIA review", "shield", Tone.Info),
            _ => Intake.ProposalWords.Badge(lane),
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
