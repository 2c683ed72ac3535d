using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>A figure that made a criterion engage.</summary>
public sealed record Breach(DateTimeOffset At, decimal Value, long Sample);

/// <summary>
/// Decides when a rate engages: enough calls, over the limit, not already over since the last time (hysteresis), and not
/// within the pause after it engaged. The same for telemetry that arrives and for a dry run over the past.
/// </summary>
public sealed class CriterionTrigger(KillCriterion criterion, decimal limit, bool isOver = false, DateTimeOffset? engagedAt = null)
{
    private const int DefaultSample = 20;

    public static TimeSpan WindowOf(KillCriterion criterion) => TimeSpan.FromMinutes(criterion.WindowMinutes ?? CriterionInWords.DefaultWindowMinutes);

    public bool IsOver { get; private set; } = isOver;

    public DateTimeOffset? EngagedAt { get; private set; } = engagedAt;

    /// <param name="at">The end of the window, by event time.</param>
    /// <param name="window">What happened in it.</param>
    /// <returns>The breach, if the switch is to be engaged now.</returns>
    public Breach? Observe(DateTimeOffset at, WindowFigures window)
    {
        var (value, sample) = window.Of(criterion.Kind);
        if (sample < Math.Max(criterion.MinimumSample, criterion.MinimumSample == 0 ? DefaultSample : 1))
        {
            return null;
        }

        if (IsOver)
        {
            IsOver = value >= Math.Min(criterion.ClearBelow ?? limit * 0.8m, limit);
            return null;
        }

        var cooldown = criterion.CooldownMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : WindowOf(criterion);
        if (value <= limit || EngagedAt is { } last && at < last + cooldown)
        {
            return null;
        }

        (IsOver, EngagedAt) = (true, at);
        return new Breach(at, value, sample);
    }
}
