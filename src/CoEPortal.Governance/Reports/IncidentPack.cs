using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Incidents;

namespace CoEPortal.Governance.Reports;

/// <summary>One incident: who had to be told by when, what was done, what was stopped, and what was learnt.</summary>
/// <param name="Entries">The incident's own timeline, oldest first.</param>
/// <param name="EntryCount">How many there are.</param>
/// <param name="Switches">Its stops, each with the release that ended it.</param>
/// <param name="LateAt">As of when a deadline counts as late.</param>
public sealed record IncidentPack(
    IncidentSubject About,
    DateTimeOffset CollectedAt,
    Incident Incident,
    IReadOnlyList<ConcernedUseCase> UseCases,
    IReadOnlyList<IncidentEntry> Entries,
    int EntryCount,
    IReadOnlyList<SwitchPeriod> Switches,
    DateTimeOffset LateAt,
    IReadOnlyList<TimelineEntry> Timeline,
    IReadOnlyList<TimelineEntry> Events)
    : AuditPack(About, CollectedAt, Timeline, Timeline.Count, Events);
