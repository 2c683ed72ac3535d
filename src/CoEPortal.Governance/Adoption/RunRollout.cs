using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Adoption;

/// <summary>Plans the rollout of a use case, moves it on or back, and takes what champions agree to.</summary>
public sealed class RunRollout(IDbContextFactory<GovernanceDb> databases, Notices notices, Organisation organisation, TimeProvider clock)
{
    /// <param name="version">What the planner saw; null for the first plan.</param>
    public Task<Rollout> PlanAsync(string useCaseKey, RolloutPlan plan, int? version, Actor by, CancellationToken cancellation = default) => OnAsync(useCaseKey, by, async (db, now) =>
    {
        plan = plan.Sound();
        var rollout = await FindAsync(db, useCaseKey, cancellation);
        Refuse.If(rollout is not null && version != rollout.Version, "changed-meanwhile", "Somebody else changed this rollout since you opened it. Look again, then decide.");
        if (rollout is null)
        {
            rollout = Rollout.Begin(useCaseKey, plan, by, now);
            db.Rollouts.Add(rollout);
        }
        else
        {
            rollout.Change(plan, by, now);
        }

        return rollout;
    }, cancellation);

    public Task<Rollout> MoveOnAsync(string useCaseKey, string reason, int version, Actor by, CancellationToken cancellation = default) => DecideAsync(useCaseKey, version, by, async (db, rollout, now) =>
    {
        Refuse.If(!await db.UseCases.AnyAsync(u => u.Key == useCaseKey && u.ApprovedRevision != null, cancellation), "not-approved", $"{useCaseKey} is not approved. Nothing is rolled out before that.");
        var today = organisation.DayOf(now);
        rollout.MoveOn(reason, await PhaseReadings.OfAsync(db, rollout, today, now, cancellation), today, by, now);
        return rollout.Current!.NeedsChampions ? await AskedAsync(db, rollout, today, cancellation) : [];
    }, cancellation);

    public Task<Rollout> StayAsync(string useCaseKey, string reason, int version, Actor by, CancellationToken cancellation = default) => DecideAsync(useCaseKey, version, by, (_, rollout, now) =>
    {
        rollout.Stay(reason, by, now);
        return Task.FromResult<IReadOnlyList<Notice>>([]);
    }, cancellation);

    /// <param name="phase">0: open to nobody.</param>
    public Task<Rollout> GoBackAsync(string useCaseKey, int phase, string reason, int version, Actor by, CancellationToken cancellation = default) => DecideAsync(useCaseKey, version, by, (_, rollout, now) =>
    {
        rollout.GoBack(phase, reason, by, now);
        return Task.FromResult<IReadOnlyList<Notice>>([]);
    }, cancellation);

    /// <summary>By the champion of the cohort's department, who need not be allowed to read the use case.</summary>
    public async Task<Rollout> AgreeAsync(string useCaseKey, string cohort, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var (now, today) = (clock.GetUtcNow(), organisation.DayOf(clock.GetUtcNow()));
        var rollout = await FindAsync(db, useCaseKey, cancellation);
        var department = rollout?.Cohorts.FirstOrDefault(c => c.Name == cohort)?.Department;
        var isChampion = department is not null && await OnDuty(db, useCaseKey, today).AnyAsync(c => c.PersonId == by.Id.Value && c.Department == department, cancellation);
        Refuse.If(rollout is null || !isChampion, "not-champion", "Only the champion of the cohort’s department agrees here.");
        rollout.Agree(cohort, by, today, now);
        await db.SaveChangesAsync(cancellation);
        return rollout;
    }

    /// <summary>Champions who may speak about a use case today.</summary>
    internal static IQueryable<Champion> OnDuty(GovernanceDb db, string useCaseKey, DateOnly today) =>
        db.Champions.AsNoTracking().Where(c => c.State == ChampionState.Accepted && c.FromOn <= today && c.UntilOn >= today && (c.UseCaseKey == null || c.UseCaseKey == useCaseKey));

    internal static Task<Rollout?> FindAsync(GovernanceDb db, string useCaseKey, CancellationToken cancellation) =>
        db.Rollouts.Include(r => r.Decisions).Include(r => r.Agreements).AsSplitQuery().SingleOrDefaultAsync(r => r.UseCaseKey == useCaseKey, cancellation);

    private static async Task<IReadOnlyList<Notice>> AskedAsync(GovernanceDb db, Rollout rollout, DateOnly today, CancellationToken cancellation)
    {
        var departments = rollout.Unagreed(today).Select(c => c.Department).Distinct().ToList();
        var champions = await OnDuty(db, rollout.UseCaseKey, today).Where(c => departments.Contains(c.Department)).OrderBy(c => c.Id).Take(200).ToListAsync(cancellation);
        return [.. champions.DistinctBy(c => c.PersonId).Select(c => new Notice(
            new PersonId(c.PersonId), "rollout-agreement", $"{rollout.UseCaseKey} is open to {rollout.Current!.Share} % and asks for your agreement",
            $"Before it moves on, say whether {c.Department} is ready.", KeepChampions.Link, null, $"rollout-agreement/{rollout.UseCaseKey}/{rollout.EnteredBy}"))];
    }

    private Task<Rollout> DecideAsync(
        string useCaseKey, int version, Actor by, Func<GovernanceDb, Rollout, DateTimeOffset, Task<IReadOnlyList<Notice>>> decide, CancellationToken cancellation)
    {
        IReadOnlyList<Notice> told = [];
        return OnAsync(useCaseKey, by, async (db, now) =>
        {
            var rollout = await FindAsync(db, useCaseKey, cancellation);
            Refuse.If(rollout is null, "not-planned", $"Plan the rollout of {useCaseKey} first.");
            Refuse.If(version != rollout.Version, "changed-meanwhile", "Somebody else changed this rollout since you opened it. Look again, then decide.");
            told = await decide(db, rollout, now);
            return rollout;
        }, cancellation, () => told);
    }

    private async Task<Rollout> OnAsync(
        string useCaseKey, Actor by, Func<GovernanceDb, DateTimeOffset, Task<Rollout>> change, CancellationToken cancellation, Func<IReadOnlyList<Notice>>? told = null)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        AccessPolicy.Demand(by, Permission.RunRollouts, await db.DemandReadableAsync(useCaseKey, by, cancellation));
        var now = clock.GetUtcNow();
        var rollout = await change(db, now);
        await db.SaveChangesAsync(cancellation);
        await notices.SendAsync(db, told?.Invoke() ?? [], now, cancellation);
        await transaction.CommitAsync(cancellation);
        return rollout;
    }
}
