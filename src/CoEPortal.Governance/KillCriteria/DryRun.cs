using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>A time in which a criterion would have held a use case.</summary>
/// <param name="By">What made it engage.</param>
/// <param name="Until">When its figure was on the good side again, which is the earliest that people would release it; null when that never came.</param>
/// <param name="Calls">Calls that were made in this time, and would not have been.</param>
/// <param name="Cost">What they cost, as far as that is known.</param>
public sealed record DryRunStop(Breach By, DateTimeOffset? Until, long Calls, decimal Cost);

/// <summary>The figure over time; of each step of the picture the worst one.</summary>
public sealed record DryRunPoint(DateTimeOffset At, decimal Value);

/// <summary>When a criterion would have engaged over a past.</summary>
/// <param name="Criterion">As asked.</param>
/// <param name="IsMeasured">False: there are no figures of the past for this kind, so nothing can be said.</param>
/// <param name="Stops">Each time it would have engaged, the first 100.</param>
/// <param name="Calls">How many calls were made in the past that was looked at.</param>
/// <param name="Judged">How often there was enough to judge by.</param>
/// <param name="Points">For a picture.</param>
public sealed record DryRun(
    KillCriterion Criterion, bool IsMeasured, IReadOnlyList<DryRunStop> Stops, long Calls, long Judged, IReadOnlyList<DryRunPoint> Points)
{
    public IEnumerable<Breach> Breaches => Stops.Select(s => s.By);
}
