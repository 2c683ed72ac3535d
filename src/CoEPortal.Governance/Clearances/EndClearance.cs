using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.Patterns;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Clearances;

/// <summary>Takes an approval by rule back, in one transaction: approval, generation, gateways, and everybody who has to know.</summary>
public sealed class EndClearance(Notices notices)
{
    internal async Task RunAsync(GovernanceDb db, Clearance clearance, UseCase useCase, ClearanceEnd because, string detail, Actor by, DateTimeOffset now, CancellationToken cancellation)
    {
        useCase.EndApproval(because.ToString(), detail, by, now);
        clearance.End(because, detail, now);
        var people = await db.People.AsNoTracking().Where(p => p.IsActive && (p.Roles.Contains(Role.CoeLead) || useCase.Editors.Contains(p.Id)
            || db.Patterns.Any(t => t.Key == clearance.PatternKey && t.OwnerId == p.Id))).OrderBy(p => p.Id).Take(200).Select(p => p.Id).ToListAsync(cancellation);
        await notices.SendAsync(
            db,
            [
                .. people.Select(p => new Notice(
                    new PersonId(p), "clearance-ended", $"{useCase.Key} {useCase.Title} is cleared no more", $"{detail} Its calls are denied until it is submitted and approved anew.",
                    $"/use-cases/{useCase.Key}", useCase.Key, $"clearance-ended/{clearance.Id:N}")),
            ],
            now, cancellation);
        var generation = await EnforcementGeneration.SaveAsync(db, cancellation);
        await QueuePush.ForSwitchAsync(db, SwitchScope.UseCase, useCase.Key, generation, now, cancellation);
        await db.SaveChangesAsync(cancellation);
    }
}
