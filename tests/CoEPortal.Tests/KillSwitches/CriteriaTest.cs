using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.KillSwitches;

/// <summary>A use case with criteria, and whether one of them stopped it.</summary>
public abstract class CriteriaTest(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    // Every one-pager has a budget: this one is never reached.
    protected static readonly KillCriterion Budget = new() { Kind = KillCriterionKind.Budget, Limit = 100 };

    protected Task<string> InServiceAsync(params KillCriterion[] criteria) => GivenAnApprovedAsync(HelpBotProposal with { KillCriteria = [Budget, .. criteria] });

    protected async Task<KillSwitch?> SwitchAsync(string key)
    {
        await using var db = await DbAsync();
        return await db.KillSwitches.AsNoTracking().SingleOrDefaultAsync(s => s.Target == key);
    }

    protected async Task<bool> IsStoppedAsync(string key) => await SwitchAsync(key) is { IsEngaged: true };

    protected async Task ReleaseAsync(string key)
    {
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Seen.", Who("risk"));
        await Get<ReleaseKillSwitch>().RunAsync(SwitchScope.UseCase, key, "Agreed.", Who("coe-lead"));
    }
}
