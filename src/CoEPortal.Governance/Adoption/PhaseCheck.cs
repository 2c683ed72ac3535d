using System.Globalization;

namespace CoEPortal.Governance.Adoption;

/// <summary>What was measured of the phase that runs; null is unknown, which never holds.</summary>
/// <param name="Trained">Percent of the people that the phase is open to who hold every required course.</param>
/// <param name="Negative">Percent of the feedback of <see cref="PhaseReadings.FeedbackDays"/> days.</param>
/// <param name="Failed">Percent of the calls of <see cref="PhaseReadings.CallDays"/> days.</param>
public sealed record PhaseReading(int? Trained, int? Negative, decimal? Failed);

/// <summary>A thing that must hold before a phase moves on, and whether it does.</summary>
public sealed record PhaseCheck(string Wanted, string Measured, bool Holds)
{
    private const string Unknown = "cannot be told";

    /// <summary>What can be measured of what a phase asks for; agreements and what a person looks at come beside it.</summary>
    internal static IReadOnlyList<PhaseCheck> Of(RolloutPhase phase, PhaseReading reading)
    {
        var checks = new List<PhaseCheck>();
        if (phase.TrainedPercent is { } trained)
        {
            checks.Add(new($"at least {trained} % trained", reading.Trained is { } value ? $"{value} % trained" : Unknown, reading.Trained >= trained));
        }

        if (phase.MostNegativePercent is { } negative)
        {
            checks.Add(new($"at most {negative} % of feedback negative", reading.Negative is { } value ? $"{value} % negative" : Unknown, reading.Negative <= negative));
        }

        if (phase.MostFailedPercent is { } failed)
        {
            checks.Add(new($"at most {Text(failed)} % of calls failed", reading.Failed is { } value ? $"{Text(value)} % failed" : Unknown, reading.Failed <= failed));
        }

        return checks;
    }

    private static string Text(decimal percent) => percent.ToString("0.##", CultureInfo.InvariantCulture);
}
