using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Governance.Reports;

/// <summary>What the portal knows of one subject at one moment: what an audit PDF prints and attaches.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="CollectedAt">By the portal's clock.</param>
/// <param name="Timeline">What is printed, newest first.</param>
/// <param name="TimelineLength">How many there are.</param>
/// <param name="Events">What is attached: of each subject all events, in order.</param>
public abstract record AuditPack(
    PackSubject Subject, DateTimeOffset CollectedAt, IReadOnlyList<TimelineEntry> Timeline, int TimelineLength, IReadOnlyList<TimelineEntry> Events)
{
    /// <summary>Where the events stand in the audit log; null where none is kept.</summary>
    public PackLog? Log { get; init; }

    /// <summary>The same for machines. Nothing is checked here: what contradicts itself in the record does so in the bundle.</summary>
    /// <param name="generator">Program and version.</param>
    /// <param name="logKey">The public key of the audit log.</param>
    public virtual EvidenceBundle ToBundle(string generator, string logKey) => new(
        EvidenceBundle.CurrentSchema,
        Subject.Key,
        CollectedAt,
        generator,
        new BundleContent([]),
        [.. Events.Select(Entry)],
        [],
        null,
        [],
        Log is null ? null : new BundleLog(logKey, Log.Note, Log.Entries, Log.Extends, Log.Range, Log.Openings));

    /// <summary>As the log proves it: what stands for erased texts on paper is not in it.</summary>
    private protected static BundleEvent Entry(TimelineEntry e)
    {
        var body = e.Details.AsObject();
        foreach (var place in e.Erased)
        {
            PersonalTexts.Clear(body, place);
        }

        return new BundleEvent(
            e.EventId, e.SubjectType, e.SubjectKey, e.SubjectVersion, e.OccurredAt, e.RecordedAt, e.ActorId, e.Action,
            e.ContentHash is null ? null : ContentHash.Parse(e.ContentHash), body, e.Erased.Contains(SealedTexts.ActorName) ? "" : e.ActorName);
    }

    private protected static BundleUsage Entry(PackUsage usage) => new(
        usage.FirstMinute, usage.LastMinute.AddMinutes(1), usage.Total.Calls, usage.Total.UnmeteredCalls, usage.Total.InputTokens,
        usage.Total.OutputTokens, usage.Total.Cost, usage.Total.Currency,
        [.. usage.Total.ByModel.Select(m => new BundleModelUsage(
            m.Model, m.Calls, m.UnmeteredCalls, m.InputTokens, m.OutputTokens, m.UnpricedCalls == m.Calls ? null : m.Cost))]);
}

/// <summary>The newest checkpoint, and the proof of each event under it.</summary>
/// <param name="Extends">Checkpoints that earlier reports of the subject carry, with the proof that the log only grew since.</param>
public sealed record PackLog(
    long Size, ContentHash Root, DateTimeOffset SignedAt, string Note, IReadOnlyList<BundleEntry> Entries, IReadOnlyList<BundleExtension> Extends)
{
    /// <summary>Every entry between two, instead of single ones.</summary>
    public BundleRange? Range { get; init; }

    /// <summary>The keys of just these entries, by event and person.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Openings { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();
}

/// <summary>What was used from the first to the last minute in which a call was reported.</summary>
/// <param name="Unit"><c>day</c>, or <c>month</c> when there are too many days to look at.</param>
/// <param name="Points">Oldest first, only those with calls; starts are the organisation's midnights.</param>
public sealed record PackUsage(
    DateTimeOffset FirstMinute, DateTimeOffset LastMinute, Usage Total, string Unit, IReadOnlyList<UsagePoint> Points);
