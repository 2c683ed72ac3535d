using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Governance.Adoption;

public enum RolloutStep { MoveOn, Stay, GoBack }

/// <summary>
/// How a use case reaches its people, phase by phase. A person moves it on, for a reason, when what the phase asks for holds; back
/// it goes at any time.
/// </summary>
public sealed class Rollout : Aggregate
{
    public const int LongestReason = 1000;

    private readonly List<RolloutDecision> _decisions = [];
    private readonly List<RolloutAgreement> _agreements = [];

    private Rollout()
    {
    }

    public string UseCaseKey { get; private init; } = "";

    /// <summary>Counts from 1; 0 before it has begun.</summary>
    public int Phase { get; private set; }

    public IReadOnlyList<Cohort> Cohorts { get; private set; } = [];

    public IReadOnlyList<RolloutPhase> Phases { get; private set; } = [];

    public IReadOnlyList<RolloutDecision> Decisions => _decisions;

    public IReadOnlyList<RolloutAgreement> Agreements => _agreements;

    public RolloutPhase? Current => Phase == 0 ? null : Phases[Phase - 1];

    public override (string Type, string Key) AuditSubject => ("rollout", UseCaseKey);

    /// <summary>The decision that led into the phase that runs; what champions agreed to before it counts no more.</summary>
    public int EnteredBy => _decisions.Where(d => d.Kind is not RolloutStep.Stay).Select(d => d.Number).DefaultIfEmpty(0).Max();

    /// <summary>Cohorts that have started and whose champion has not agreed that the phase moves on; none where it does not ask for that.</summary>
    public IReadOnlyList<Cohort> Unagreed(DateOnly today) => Current is not { NeedsChampions: true } ? []
        : [.. Cohorts.Where(c => c.Department.Length > 0 && c.StartsOn <= today && !_agreements.Exists(a => a.AfterDecision == EnteredBy && a.Cohort == c.Name))];

    internal static Rollout Begin(string useCaseKey, RolloutPlan plan, Actor by, DateTimeOffset now)
    {
        var rollout = new Rollout { UseCaseKey = useCaseKey };
        rollout.Take(plan, by, now);
        return rollout;
    }

    internal void Change(RolloutPlan plan, Actor by, DateTimeOffset now)
    {
        Refuse.If(plan.Phases.Count < Phase || !plan.Phases.Take(Phase).Select(p => p.Share).SequenceEqual(Phases.Take(Phase).Select(p => p.Share)),
            "phase-entered", $"It is in phase {Phase}. The shares of phases that it entered stay as they were.");
        Take(plan, by, now);
    }

    /// <param name="reading">What was measured of the phase that runs.</param>
    internal void MoveOn(string reason, PhaseReading reading, DateOnly today, Actor by, DateTimeOffset now)
    {
        Refuse.If(Phase == Phases.Count, "last-phase", "It is in its last phase already.");
        var checks = Current is { } phase ? PhaseCheck.Of(phase, reading) : [];
        var broken = checks.FirstOrDefault(c => !c.Holds);
        Refuse.If(broken is not null, "phase-not-met", $"Phase {Phase} asks for {broken?.Wanted}; now: {broken?.Measured}. See to it, or change what the phase asks for.");
        var unagreed = Unagreed(today);
        Refuse.If(unagreed.Count > 0, "champion-not-agreed", $"The champion has not agreed for {string.Join(", ", unagreed.Select(c => c.Name))}.");
        Refuse.If(_agreements.Exists(a => a.AfterDecision == EnteredBy && a.PersonId == by.Id.Value), "own-agreement", "You agreed as a champion. Somebody else has to move it on.");
        var agreed = _agreements.Where(a => a.AfterDecision == EnteredBy && Current is { NeedsChampions: true }).OrderBy(a => a.AgreedAt);
        Decide(RolloutStep.MoveOn, Phase + 1, reason, [.. checks.Select(c => $"{c.Wanted}: {c.Measured}"), .. agreed.Select(a => $"its champion agreed for {a.Cohort}")], by, now);
    }

    internal void Stay(string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(Phase == 0, "not-begun", "It has not begun yet.");
        Decide(RolloutStep.Stay, Phase, reason, [], by, now);
    }

    internal void GoBack(int phase, string reason, Actor by, DateTimeOffset now)
    {
        Refuse.If(phase < 0 || phase >= Phase, "not-back", $"It is in phase {Phase}. Choose an earlier one, or 0 for nobody.");
        Decide(RolloutStep.GoBack, phase, reason, [], by, now);
    }

    internal void Agree(string cohort, Actor champion, DateOnly today, DateTimeOffset now)
    {
        Refuse.If(!Unagreed(today).Any(c => c.Name == cohort), "nothing-to-agree", "This phase does not wait for your agreement.");
        _agreements.Add(new RolloutAgreement(UseCaseKey, EnteredBy, cohort, champion.Id.Value, champion.Name, now));
        Record(new RolloutAgreed(UseCaseKey, Phase, cohort, champion, now));
    }

    private void Take(RolloutPlan plan, Actor by, DateTimeOffset now)
    {
        (Cohorts, Phases) = (plan.Cohorts, plan.Phases);
        Record(new RolloutPlanned(
            UseCaseKey, [.. Phases.Select(p => p.Share)], [.. Phases.Select(p => string.Join("; ", PhaseCheck.Of(p, new(null, null, null)).Select(c => c.Wanted).Concat(p.NeedsChampions ? ["champions agree"] : [])))],
            Cohorts.Count, Cohorts.Sum(c => c.Eligible), string.Join("\n", Phases.Select(p => p.AlsoHolds).Where(t => t.Length > 0)), by, now));
    }

    private void Decide(RolloutStep kind, int to, string reason, IReadOnlyList<string> measured, Actor by, DateTimeOffset now)
    {
        reason = reason.Trim();
        Refuse.If(reason.Length is 0 or > LongestReason, "reason-required", $"Say why, in at most {LongestReason:N0} characters.");
        _decisions.Add(new RolloutDecision(Guid.CreateVersion7(now), UseCaseKey, _decisions.Count + 1, kind, Phase, to, reason, [.. measured], by.Id.Value, by.Name, now));
        Record(new RolloutDecided(UseCaseKey, kind, Phase, to, to == 0 ? 0 : Phases[to - 1].Share, [.. measured], reason, by, now));
        Phase = to;
    }
}

/// <summary>A decision on a rollout as a person took it; never changed.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="Measured">What held when it moved on, in words of the portal.</param>
public sealed record RolloutDecision(
    Guid Id, string UseCaseKey, int Number, RolloutStep Kind, int FromPhase, int ToPhase, string Reason, List<string> Measured, string DecidedBy, string DecidedByName, DateTimeOffset DecidedAt);

/// <summary>That a champion agreed that the phase which <paramref name="AfterDecision"/> led into moves on.</summary>
public sealed record RolloutAgreement(string UseCaseKey, int AfterDecision, string Cohort, string PersonId, string PersonName, DateTimeOffset AgreedAt);

/// <param name="Shares">Of each phase, in percent.</param>
/// <param name="Limits">What each phase asks for before it moves on.</param>
public sealed record RolloutPlanned(
    string UseCase, IReadOnlyList<int> Shares, IReadOnlyList<string> Limits, int Cohorts, int Eligible, [property: Personal] string AlsoHolds, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record RolloutDecided(
    string UseCase, RolloutStep Step, int FromPhase, int ToPhase, int Share, IReadOnlyList<string> Measured, [property: Personal] string Reason, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}

public sealed record RolloutAgreed(string UseCase, int Phase, string Cohort, Actor By, DateTimeOffset At) : GovernanceEvent(By, At)
{
    public override string? UseCaseKey => UseCase;
}
