using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.UseCases;

/// <summary>Stages, decisions and rounds as the page of a use case says them.</summary>
public static class UseCaseWords
{
    private const string HashPrefix = "sha256:";

    public static string NameOf(UseCase useCase) => useCase.Title.Length > 0 ? useCase.Title : "Untitled proposal";

    /// <summary>Bars of seven, and the name that says what they mean.</summary>
    public static (int Reached, string Name) Of(Stage stage) => stage switch
    {
        Stage.Draft => (1, "Draft"),
        Stage.ChangesAsked => (2, "Changes asked"),
        Stage.NotAllowed => (2, "Not allowed"),
        Stage.Registered => (1, "Registered"),
        Stage.InReview => (3, "In review"),
        Stage.Declined => (3, "Declined"),
        Stage.Approved => (5, "Approved"),
        Stage.InService => (7, "In service"),
        _ => (7, "Retired"),
    };

    public static State Of(DecisionKind kind) => kind switch
    {
        DecisionKind.Approve => States.Approved,
        DecisionKind.ApproveWithConditions => States.Approved with { Word = "Approved with conditions" },
        DecisionKind.RequestChanges => States.ChangesAsked,
        _ => States.Veto,
    };

    public static State Of(RoundStatus status) => status switch
    {
        RoundStatus.Open => States.Waiting with { Word = "Open" },
        RoundStatus.Approved => States.Approved,
        RoundStatus.ChangesRequested => States.ChangesAsked,
        RoundStatus.Vetoed => States.Veto with { Word = "Declined by veto" },
        RoundStatus.Withdrawn => States.Void with { Word = "Withdrawn" },
        RoundStatus.Cancelled => States.Void with { Word = "Cancelled" },
        _ => States.OpenFinding with { Word = "Disputed", Icon = "gavel" },
    };

    /// <summary>The 64 digits of a content hash, for <see cref="Hash"/>.</summary>
    public static string DigitsOf(string contentHash) =>
        contentHash.StartsWith(HashPrefix, StringComparison.Ordinal) ? contentHash[HashPrefix.Length..] : contentHash;
}
