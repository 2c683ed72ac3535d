using CoEPortal.Governance.Intake;

namespace CoEPortal.Governance.KillCriteria;

/// <summary>A figure that made a criterion engage.</summary>
public sealed record Breach(DateTimeOffset At, decimal Value, long Sample);

/// <summary>
/// Decides when a figure engages: enough behind it, beyond the limit, not already over since the last time (hysteresis), and
/// not within the pause after it engaged. The same for what arrives and for a dry run over the past.
/// </summary>
public sealed class CriterionTrigger(KillCriterion criterion, decimal limit, bool isOver = false, DateTimeOffset? engagedAt = null)
{
    private const int DefaultSample = 20;

    public static TimeSpan WindowOf(KillCriterion criterion) => TimeSpan.FromMinutes(criterion.WindowMinutesOf());

    /// <summary>So many calls, opinions or examples have to be behind a figure.</summary>
    public static int SampleOf(KillCriterion criterion) => criterion.MinimumSample > 0 ? criterion.MinimumSample : criterion.Kind.IsWindowed() ? DefaultSample : 1;

    /// <summary>So long after it engaged it does not engage again.</summary>
    public static TimeSpan CooldownOf(KillCriterion criterion) =>
        criterion.CooldownMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : criterion.Kind.IsWindowed() ? WindowOf(criterion) : TimeSpan.Zero;

    /// <summary>On the good side of this it counts as over again and may engage once more.</summary>
    public static decimal ClearOf(KillCriterion criterion, decimal limit) =>
        criterion.Kind.IsWorseBelow() ? limit : Math.Min(criterion.ClearBelow ?? limit * 0.8m, limit);

    public bool IsOver { get; private set; } = isOver;

    public DateTimeOffset? EngagedAt { get; private set; } = engagedAt;

    /// <param name="at">The end of the window, by event time.</param>
    /// <param name="window">What happened in it.</param>
    /// <returns>The breach, if the switch is to be engaged now.</returns>
    public Breach? Observe(DateTimeOffset at, WindowFigures window)
    {
        var (value, sample) = window.Of(criterion.Kind);
        return Observe(at, value, sample);
    }

    /// <param name="at">When the figure was taken, by event time.</param>
    /// <param name="value">In the unit of the limit.</param>
    /// <param name="sample">How many are behind it.</param>
    public Breach? Observe(DateTimeOffset at, decimal value, long sample)
    {
        if (sample < SampleOf(criterion))
        {
            return null;
        }

        var clear = ClearOf(criterion, limit);
        if (IsOver)
        {
            IsOver = criterion.Kind.IsWorseBelow() ? value < clear : value >= clear;
            return null;
        }

        var isWithin = criterion.Kind.IsWorseBelow() ? value >= limit : value <= limit;
        if (isWithin || EngagedAt is { } last && at < last + CooldownOf(criterion))
        {
            return null;
        }

        (IsOver, EngagedAt) = (true, at);
        return new Breach(at, value, sample);
    }
}
