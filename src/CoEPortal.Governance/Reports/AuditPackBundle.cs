using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Reports;

public sealed partial record AuditPackContent
{
    /// <summary>The same for machines. Nothing is checked here: what contradicts itself in the record does so in the bundle.</summary>
    /// <param name="generator">Program and version.</param>
    /// <param name="logKey">The public key of the audit log.</param>
    public EvidenceBundle ToBundle(string generator, string logKey) => new(
        EvidenceBundle.CurrentSchema,
        UseCase.Key,
        CollectedAt,
        generator,
        new BundleContent([.. Revisions.Select(r => new BundleRevision(
            r.Number, ContentHash.Parse(r.ContentHash), JsonNode.Parse(r.Content)!.AsObject()))]),
        [.. Events.Select(Entry)],
        [.. Rounds.SelectMany(round => round.Decisions.OrderBy(d => d.DecidedAt).Select(d => Entry(round, d)))],
        Usage is null ? null : Entry(Usage),
        [.. Switches.SelectMany(Changes).OrderBy(c => c.ChangedAt)],
        Log is null ? null : new BundleLog(logKey, Log.Note, Log.Entries, Log.Extends));

    private static BundleEvent Entry(TimelineEntry e) => new(
        e.EventId, e.SubjectType, e.SubjectKey, e.SubjectVersion, e.OccurredAt, e.RecordedAt, e.ActorId, e.Action,
        e.ContentHash is null ? null : ContentHash.Parse(e.ContentHash), e.Details.AsObject());

    private static BundleDecision Entry(ApprovalRound round, Decision decision) => new(
        round.RevisionNumber, ContentHash.Parse(decision.ContentHash), Word(decision.Function), decision.PersonId, Word(decision.Kind),
        decision.DecidedAt, decision.Comment, [.. decision.SeenConditions, .. decision.Conditions]);

    private static BundleUsage Entry(PackUsage usage) => new(
        usage.FirstMinute, usage.LastMinute.AddMinutes(1), usage.Total.Calls, usage.Total.UnmeteredCalls, usage.Total.InputTokens,
        usage.Total.OutputTokens, usage.Total.Cost, usage.Total.Currency,
        [.. usage.Total.ByModel.Select(m => new BundleModelUsage(
            m.Model, m.Calls, m.UnmeteredCalls, m.InputTokens, m.OutputTokens, m.UnpricedCalls == m.Calls ? null : m.Cost))]);

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
