using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using CoEPortal.Governance.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>Who of the demo organisation has read which policy, a version that comes, and an override that waits for a second person.</summary>
public sealed class DemoPolicies(
    IDbContextFactory<GovernanceDb> databases, PublishPolicy publish, PolicyShelf shelf, TriageRules rules, Notices notices, Organisation organisation, TimeProvider realClock)
{
    internal async Task MakeAsync(CancellationToken cancellation)
    {
        foreach (var policy in await shelf.MineAsync(Who("coe-lead"), cancellation))
        {
            var late = policy.Policy == "output-review" ? new[] { "submitter", "legal2", "brand" } : ["submitter"];
            foreach (var (at, persona) in DemoPersonas.All.Where(p => !late.Contains(p.Alias)).Index())
            {
                await new AcknowledgePolicy(databases, new DemoClock(Ago(50 - at * 2))).RunAsync(policy.Policy, policy.Current!.Number, policy.Current.ContentHash, persona.Actor, cancellation);
            }

            if (policy is { Policy: "acceptable-use", Current: { } current })
            {
                await publish.RunAsync(
                    current.Policy, current.Title, current.Text + "\n- Agents that act for you sign with their own name, never with yours.", organisation.DayOf(realClock.GetUtcNow()).AddDays(20), current.Number,
                    Who("coe-lead"), cancellation);
            }
        }

        await using var db = await databases.CreateDbContextAsync(cancellation);
        var people = new[] { Who("coe-lead"), Who("risk"), Who("risk2") }.Select(a => a.Id.Value).ToList();
        var standard = (await db.UseCases.AsNoTracking().Where(u => u.Stage == Stage.InService && u.Lane == Lane.Standard).OrderBy(u => u.Key).ToListAsync(cancellation))
            .Find(u => !u.Editors.Exists(people.Contains));
        if (standard is not null)
        {
            await new OverrideJudgement(databases, rules, notices, new DemoClock(Ago(1))).ProposeAsync(
                standard.Key, new OverrideDraft(null, Lane.Full, "Its answers are quoted in letters that bind us. The next revision should be seen by Risk."), Who("coe-lead"), cancellation);
        }
    }

    private DateTimeOffset Ago(double days) => realClock.GetUtcNow().AddDays(-days);

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
