using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// Tells people and channels that a switch was engaged or released. A sweep, so that a stop waits for nothing but itself; which
/// state was told stands with the switch, so each is told once.
/// </summary>
public sealed class TellOfSwitches(IDbContextFactory<GovernanceDb> databases, Notices notices, TimeProvider clock)
{
    private const int AtOnce = 50;
    private const int MostPeople = 500;

    /// <summary>After so long everybody has seen it on the console; only a portal without a worker gets there.</summary>
    private static readonly TimeSpan NewsFor = TimeSpan.FromHours(12);

    private static readonly Role[] OnDuty = [Role.Security, Role.Risk, Role.CoeLead];

    /// <returns>How many switches were told of.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // The canary is rehearsed every few minutes, which is news for nobody.
        var changed = await db.Database.SqlQuery<Changed>(
            $"""
            with due as (
              select id from kill_switch where told_generation < generation and target <> {StartDrill.Canary} order by generation limit {AtOnce} for update skip locked
            )
            update kill_switch s set told_generation = s.generation from due where s.id = due.id
            returning s.scope "Scope", s.target "Target", s.state "State", s.mode "Mode", s.share "Share", s.generation "Generation", s.engaged_by_rule "ByRule", s.changed_at "At"
            """).ToListAsync(cancellation);
        var now = clock.GetUtcNow();
        foreach (var change in changed.Where(c => c.At > now - NewsFor))
        {
            await notices.SendAsync(db, [.. (await PeopleAsync(db, change, cancellation)).Select(p => To(p, change))], now, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return changed.Count;
    }

    private static async Task<List<string>> PeopleAsync(GovernanceDb db, Changed change, CancellationToken cancellation)
    {
        var useCase = change.Scope == nameof(SwitchScope.UseCase)
            ? await db.UseCases.AsNoTracking().Where(u => u.Key == change.Target).Select(u => new { u.BusinessUnit, u.Editors }).SingleOrDefaultAsync(cancellation) : null;
        var (unit, editors) = (useCase?.BusinessUnit ?? "", useCase?.Editors ?? []);
        var everywhere = useCase is null;
        return await db.People.Where(p => p.IsActive && (p.Roles.Any(r => OnDuty.Contains(r)) || editors.Contains(p.Id)
                || p.Roles.Contains(Role.Operator) && (everywhere || unit != "" && p.BusinessUnit == unit)))
            .OrderBy(p => p.Id).Take(MostPeople).Select(p => p.Id).ToListAsync(cancellation);
    }

    // The reason is somebody's words, and stays with the switch.
    private static Notice To(string person, Changed change)
    {
        var what = change.Scope switch
        {
            nameof(SwitchScope.All) => "Everything",
            nameof(SwitchScope.UseCase) => change.Target,
            var scope => $"{scope} {change.Target}",
        };
        var isEngaged = change.State is nameof(SwitchState.Engaged) or nameof(SwitchState.ReleasePending);
        var title = (change.State, change.Mode) switch
        {
            (nameof(SwitchState.Released), _) => $"{what} runs again",
            (nameof(SwitchState.Limited), _) => $"{what} runs again for {change.Share} % of the requests",
            (_, nameof(SwitchMode.Degrade)) => $"{what} was degraded",
            (_, nameof(SwitchMode.Rollback)) => $"{what} was rolled back",
            _ => $"{what} was stopped",
        };
        return new(
            new PersonId(person), isEngaged ? "switch-engaged" : "switch-released", title, isEngaged ? change.ByRule ? "By a rule of its own." : "By hand." : "Two people released it.",
            "/switches", change.Scope == nameof(SwitchScope.UseCase) ? change.Target : null, $"switch/{change.Scope}/{change.Target}/{change.Generation}");
    }

    private sealed record Changed(string Scope, string Target, string State, string? Mode, int? Share, long Generation, bool ByRule, DateTimeOffset At);
}
