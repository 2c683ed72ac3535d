using CoEPortal.Governance.Intake;

namespace CoEPortal.Web.Portfolio;

/// <summary>How far a use case came, in words and in bars: written, reviewed, approved, in service.</summary>
public static class Stages
{
    public const int Bars = 4;

    public static string Name(Stage stage) => stage switch
    {
        Stage.InReview => "In review",
        Stage.ChangesAsked => "Changes asked",
        Stage.NotAllowed => "Not allowed",
        Stage.InService => "In service",
        _ => stage.ToString(),
    };

    public static string Name(Phase? phase) => phase switch
    {
        null => "Phase not stated",
        Phase.ProofOfConcept => "Proof of concept",
        var known => known.ToString()!,
    };

    public static int Reached(Stage stage) => stage switch
    {
        Stage.Draft => 1,
        Stage.InReview or Stage.ChangesAsked or Stage.Declined or Stage.NotAllowed or Stage.Registered => 2,
        Stage.Approved => 3,
        _ => 4,
    };
}
