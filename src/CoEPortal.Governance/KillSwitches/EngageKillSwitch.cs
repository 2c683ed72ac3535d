using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Stops. One person is enough, and nothing but the database has to work.</summary>
public sealed class EngageKillSwitch(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public Task<KillSwitch> RunAsync(
        SwitchScope scope, string target, SwitchMode mode, string reason, string message, Actor by, CancellationToken cancellation = default) =>
        RunAsync(scope, target, new Engagement(mode, reason, message), by, cancellation);

    public Task<KillSwitch> RunAsync(SwitchScope scope, string target, Engagement wanted, Actor by, CancellationToken cancellation = default) =>
        RefusedAttempts.KeepAsync(databases, nameof(EngageKillSwitch), $"{scope}/{target}", by, clock, () => EngageAsync(scope, target, wanted, by, null, cancellation));

    /// <param name="alongside">What else becomes so in the same transaction, e.g. that the stop belongs to an incident.</param>
    internal Task<KillSwitch> RunAsync(
        SwitchScope scope, string target, Engagement wanted, Actor by, Func<GovernanceDb, KillSwitch, Task> alongside, CancellationToken cancellation) =>
        RefusedAttempts.KeepAsync(databases, nameof(EngageKillSwitch), $"{scope}/{target}", by, clock, () => EngageAsync(scope, target, wanted, by, alongside, cancellation));

    private async Task<KillSwitch> EngageAsync(SwitchScope scope, string target, Engagement wanted, Actor by, Func<GovernanceDb, KillSwitch, Task>? alongside, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (scope is SwitchScope.UseCase)
        {
            var useCase = await db.DemandUseCaseAsync(target, by, cancellation);
            AccessPolicy.Demand(by, Permission.EngageSwitches, useCase.Subject);
            await DemandApprovedAsync(db, useCase, wanted, cancellation);
        }
        else
        {
            AccessPolicy.Demand(by, Permission.EngageSwitches);
            Refuse.If(AccessPolicy.OnlyOwnUnit(by, Permission.EngageSwitches), "not-permitted", "An operator stops their own use cases. Ask Security, Risk, Privacy, Legal or a CoE lead to stop more.");
            Refuse.If(wanted.Mode is SwitchMode.Rollback, "rollback-needs-a-use-case", "Prompts and indexes belong to a use case: roll back one use case, or stop this.");
            Refuse.If(wanted.Mode is SwitchMode.Degrade && scope is SwitchScope.Model && wanted.FallbackModel?.Trim() == target, "fallback-is-itself", "A model cannot fall back to itself.");
        }

        var killSwitch = await EngageAsync(db, scope, target, wanted, by, clock.GetUtcNow(), cancellation);
        if (alongside is not null)
        {
            await alongside(db, killSwitch);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return killSwitch;
    }

    /// <summary>As part of a transaction that somebody else commits, such as the ingest of the call that broke a budget.</summary>
    internal static async Task<KillSwitch> EngageAsync(
        GovernanceDb db, SwitchScope scope, string target, Engagement wanted, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        var killSwitch = await FindLockedAsync(db, scope, target, now, cancellation);
        wanted = wanted.Checked();
        // Refuse before the generation is raised: a refused click must not make every enforcer reload.
        var generation = killSwitch.MayBecome(wanted.Mode) ? await EnforcementGeneration.NextAsync(db, cancellation) : killSwitch.Generation;
        killSwitch.Engage(wanted, by, generation, now);
        await QueuePush.ForSwitchAsync(db, scope, target, generation, now, cancellation);
        return killSwitch;
    }

    /// <summary>A fallback is one of the models of the approved one-pager; a version was approved, and is not the newest.</summary>
    private static async Task DemandApprovedAsync(GovernanceDb db, UseCase useCase, Engagement wanted, CancellationToken cancellation)
    {
        if (wanted.Mode is SwitchMode.Degrade && wanted.FallbackModel is { Length: > 0 } fallback)
        {
            var approved = useCase.Revisions.SingleOrDefault(r => r.Number == useCase.ApprovedRevision)?.Proposal.Endpoints ?? [];
            Refuse.If(!approved.Contains(fallback.Trim(), StringComparer.OrdinalIgnoreCase), "fallback-not-approved",
                $"{fallback} is not among the models approved for {useCase.Key}: {(approved.Count > 0 ? string.Join(", ", approved) : "none")}.");
        }

        if (wanted.Mode is SwitchMode.Rollback && wanted.Rollback is { } to)
        {
            var versions = await db.ApprovedVersions.AsNoTracking()
                .Where(v => v.UseCaseKey == useCase.Key && v.Component == to.Component && v.Name == to.Name)
                .OrderByDescending(v => v.ApprovedAt).ThenByDescending(v => v.Id).Select(v => v.VersionName).ToListAsync(cancellation);
            Refuse.If(!versions.Contains(to.Version), "version-not-approved", $"{to} was never approved, so nothing goes back to it.");
            Refuse.If(versions[0] == to.Version, "version-is-newest", $"{to} is the newest approved version: there is nothing to go back from.");
        }
    }

    internal static async Task<KillSwitch> FindLockedAsync(
        GovernanceDb db, SwitchScope scope, string target, DateTimeOffset now, CancellationToken cancellation)
    {
        Refuse.If(target.Length is 0 or > 200 || target.Any(char.IsControl), "target-required", "Name what is to be stopped, in at most 200 characters.");
        target = scope is SwitchScope.All ? KillSwitch.Everything : target;
        var name = scope.ToString();
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({name + "/" + target}, 0))", cancellation);
        var killSwitch = db.KillSwitches.Local.SingleOrDefault(s => s.Scope == scope && s.Target == target)
            ?? await db.KillSwitches.SingleOrDefaultAsync(s => s.Scope == scope && s.Target == target, cancellation);
        if (killSwitch is null)
        {
            killSwitch = KillSwitch.For(scope, target, now);
            db.KillSwitches.Add(killSwitch);
        }

        return killSwitch;
    }
}
