using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Adoption;

/// <summary>People who get a use case together.</summary>
/// <param name="Department">Whose champion is asked; empty where it is no department.</param>
/// <param name="Tag">What senders say of calls by these people, as <c>ai.cohort</c>; null when they say nothing, then nobody can be counted by cohort.</param>
/// <param name="Eligible">How many they are.</param>
public sealed record Cohort(string Name, string Description, string Department, string? Tag, int Eligible, DateOnly StartsOn);

/// <summary>A step of a rollout, and what must hold before it moves on.</summary>
/// <param name="Share">Percent of the eligible people it is open to.</param>
/// <param name="TrainedPercent">So many of them at least hold every course that the use case requires; null: not asked.</param>
/// <param name="MostNegativePercent">So much of the feedback at most is negative; null: not asked.</param>
/// <param name="MostFailedPercent">So many calls at most fail; null: not asked.</param>
/// <param name="NeedsChampions">The champion of each cohort that has started agrees.</param>
/// <param name="AlsoHolds">What a person has to look at.</param>
public sealed record RolloutPhase(int Share, DateOnly PlannedOn, int? TrainedPercent, int? MostNegativePercent, decimal? MostFailedPercent, bool NeedsChampions, string AlsoHolds);

/// <summary>Whom a use case is rolled out to, and in which steps.</summary>
public sealed partial record RolloutPlan(IReadOnlyList<Cohort> Cohorts, IReadOnlyList<RolloutPhase> Phases)
{
    public const int MostCohorts = 20;
    public const int MostPhases = 8;
    public const int LongestName = 100;
    public const int LongestText = 500;
    public const int MostPeople = 1_000_000;

    /// <summary>The same plan without spaces around its words; refused where it makes no sense.</summary>
    internal RolloutPlan Sound()
    {
        var plan = new RolloutPlan(
            [.. Cohorts.Select(c => c with { Name = c.Name.Trim(), Description = c.Description.Trim(), Department = c.Department.Trim(), Tag = string.IsNullOrWhiteSpace(c.Tag) ? null : c.Tag.Trim().ToLowerInvariant() })],
            [.. Phases.Select(p => p with { AlsoHolds = p.AlsoHolds.Trim() })]);
        plan.DemandCohorts();
        plan.DemandPhases();
        return plan;
    }

    private void DemandCohorts()
    {
        Refuse.If(Cohorts.Count is 0 or > MostCohorts, "cohorts-required", $"Name 1 to {MostCohorts} cohorts: who gets it together.");
        foreach (var cohort in Cohorts)
        {
            Refuse.If(IsUnusable(cohort.Name, LongestName) || cohort.Name.Length == 0, "cohort-unusable", $"The name of a cohort has 1 to {LongestName} characters.");
            Refuse.If(IsUnusable(cohort.Department, LongestName) || IsUnusable(cohort.Description, LongestText), "cohort-unusable", $"A department has at most {LongestName} characters, a description {LongestText}.");
            Refuse.If(cohort.Eligible is < 1 or > MostPeople, "eligible-out-of-range", $"{cohort.Name}: give the number of eligible people, 1 to {MostPeople:N0}.");
            Refuse.If(cohort.Tag is { } tag && !TagName().IsMatch(tag), "tag-unusable", $"{cohort.Name}: the mark in calls is one short word such as claims-north, as senders put it into ai.cohort.");
        }

        Refuse.If(Cohorts.DistinctBy(c => c.Name.ToUpperInvariant()).Count() < Cohorts.Count, "cohort-known", "Two cohorts have one name. Give each its own.");
        Refuse.If(Cohorts.Where(c => c.Tag is not null).GroupBy(c => c.Tag).Any(g => g.Count() > 1), "tag-known", "Two cohorts have one mark in calls, so nobody could tell them apart.");
    }

    private void DemandPhases()
    {
        Refuse.If(Phases.Count is 0 or > MostPhases, "phases-required", $"Plan 1 to {MostPhases} phases, e.g. 30, 60 and 100 %.");
        for (var i = 0; i < Phases.Count; i++)
        {
            var phase = Phases[i];
            Refuse.If(phase.Share is < 1 or > 100, "share-out-of-range", $"Phase {i + 1}: a share is 1 to 100 %.");
            Refuse.If(i > 0 && phase.Share <= Phases[i - 1].Share, "shares-grow", $"Phase {i + 1} has to be open to more people than the one before.");
            Refuse.If(i > 0 && phase.PlannedOn < Phases[i - 1].PlannedOn, "dates-follow", $"Phase {i + 1} is planned before the one that it follows.");
            Refuse.If(phase.TrainedPercent is < 1 or > 100 || phase.MostNegativePercent is < 0 or > 100 || phase.MostFailedPercent is < 0 or > 100, "limit-out-of-range", $"Phase {i + 1}: limits are percentages.");
            Refuse.If(phase.AlsoHolds.Length > LongestText, "condition-too-long", $"Phase {i + 1}: say what else must hold in at most {LongestText} characters.");
        }
    }

    private static bool IsUnusable(string text, int longest) => text.Length > longest || text.Any(char.IsControl);

    [GeneratedRegex(@"^[\p{Ll}0-9][\p{Ll}0-9._/-]{0,39}\z")]
    private static partial Regex TagName();
}
