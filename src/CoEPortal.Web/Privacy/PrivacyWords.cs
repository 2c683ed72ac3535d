using CoEPortal.Governance.Privacy;
using CoEPortal.Web.Components;

namespace CoEPortal.Web.Privacy;

/// <summary>A kind of thing that is held of a person, in plain words.</summary>
/// <param name="Kept">For how long.</param>
/// <param name="Then">What erasing makes of it.</param>
public sealed record HoldingWords(string Title, string Kept, string Then);

/// <summary>What is held of people, and what becomes of it, in plain words.</summary>
public static class PrivacyWords
{
    public static IReadOnlyDictionary<Holding, HoldingWords> Holdings { get; } = new Dictionary<Holding, HoldingWords>
    {
        [Holding.Account] = new("Name, unit, roles, e-mail address", "until erased", "all gone; only the id stays"),
        [Holding.Proposals] = new("Use cases, revisions, readings, gates and what belongs to them", "for good", "no name beside them; what was submitted stays, its hash was decided on"),
        [Holding.Documents] = new("Documents of use cases they added or withdrew", "for good", "name, title and reason gone; what was decided with stays, by its hash"),
        [Holding.Candidates] = new("Candidates they added or set aside", "for good", "name and reason gone"),
        [Holding.Reviews] = new("Review tasks they took, workflows they put right", "for good", "no name beside them"),
        [Holding.Decisions] = new("Decisions, by them or for them", "for good", "name and comment gone; decision and conditions stay, they bind others"),
        [Holding.Conditions] = new("Conditions they answered for or agreed to", "for good", "name and report gone"),
        [Holding.Comments] = new("Comments by them or mentioning them", "for good", "name and text gone, mentions too"),
        [Holding.Delegations] = new("Delegations from or to them", "for good", "names and reason gone"),
        [Holding.Switches] = new("Switches, drills, limits, credentials, prices", "for good", "name and reason gone"),
        [Holding.Incidents] = new("Incidents they reported or handled", "for good", "name and words gone; what happened when stays"),
        [Holding.Exercises] = new("Exercises they led, played or watched", "for good", "name and words gone"),
        [Holding.Feedback] = new("Feedback and failures they told of", "for good", "name and text gone; the opinion stays counted"),
        [Holding.Assurance] = new("Promotions, findings, cards and assessments", "for good", "name and words gone; what was signed stays"),
        [Holding.Register] = new("Patterns, policies they agreed to, data sources", "for good", "name and words gone; that somebody agreed stays"),
        [Holding.Adoption] = new("Champions and rollouts they took part in", "for good", "name and reason gone"),
        [Holding.Training] = new("Courses they completed", "for good", "evidence gone; that they were completed stays"),
        [Holding.Campaigns] = new("Campaigns they led, signed or imported for, what they decided and looked up", "for good", "name and words gone; what was signed stays"),
        [Holding.Reports] = new("Audit PDFs they asked for", "for good", "name gone from the list; the PDFs stay as signed"),
        [Holding.Privacy] = new("Requests and holds they set or ended", "for good", "reason and note gone"),
        [Holding.Notifications] = new("Notifications and their e-mail", "until erased", "deleted"),
        [Holding.Answers] = new("Answers of the API to their programs", "until erased", "deleted"),
        [Holding.Looks] = new("What they have ticked as seen", "until erased", "deleted"),
    };

    public static State Of(ErasureState state) => state switch
    {
        ErasureState.Asked => new("Waits for a second person", "hourglass_top", Tone.Info),
        ErasureState.TakenBack => new("Taken back", "undo", Tone.Neutral),
        _ => new("Erased", "person_off", Tone.Good),
    };

    public static State Of(LegalHold hold) => hold.LiftedAt is null ? new("Stands", "gavel", Tone.Warning) : new("Lifted", "undo", Tone.Neutral);
}
