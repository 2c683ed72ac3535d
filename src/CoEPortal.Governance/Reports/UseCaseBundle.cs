using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Reports;

public sealed partial record UseCasePack
{
    public override EvidenceBundle ToBundle(string generator, string logKey) => base.ToBundle(generator, logKey) with
    {
        Content = new BundleContent([.. Revisions.Select(r => new BundleRevision(r.Number, ContentHash.Parse(r.ContentHash), JsonNode.Parse(r.Content)!.AsObject()))]),
        // Of revisions: what the board decided on is an artefact, of which the events tell.
        Decisions = [.. Rounds.Where(r => r.Topic is ReviewTopic.Proposal).SelectMany(round => round.Decisions.OrderBy(d => d.DecidedAt).Select(d => Entry(round, d)))],
        Usage = Usage is null ? null : Entry(Usage),
        Switches = [.. Switches.SelectMany(Changes).OrderBy(c => c.ChangedAt)],
    };

    private static BundleDecision Entry(ApprovalRound round, Decision decision) => new(
        round.RevisionNumber, ContentHash.Parse(decision.ContentHash), Word(decision.Function), decision.PersonId, Word(decision.Kind),
        decision.DecidedAt, decision.Comment, [.. decision.SeenConditions, .. decision.Conditions]);

    private static IEnumerable<BundleSwitchChange> Changes(SwitchPeriod period)
    {
        yield return Change(period, "engaged", period.Engaged, [period.Engaged.ActorId]);
        if (period.Released is { } released)
        {
            yield return Change(period, "released", released, [.. period.FirstRelease is { } first ? [first.ActorId] : Array.Empty<string>(), released.ActorId]);
        }
    }

    private static BundleSwitchChange Change(SwitchPeriod period, string change, TimelineEntry happened, IReadOnlyList<string> people) => new(
        JsonNamingPolicy.KebabCaseLower.ConvertName(period.Scope), period.Target, (long)happened.Details["generation"]!, change,
        JsonNamingPolicy.KebabCaseLower.ConvertName(period.Mode), happened.OccurredAt, people, SwitchPeriod.Text(happened, "reason"));

    private static string Word(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
