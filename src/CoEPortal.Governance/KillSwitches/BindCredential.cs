using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>Lets an approved use case through a gateway, by the credential the gateway knows it by.</summary>
public sealed class BindCredential(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public async Task<CredentialBinding> RunAsync(
        string useCaseKey, CredentialKind kind, string value, string gateway, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(useCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.BindCredentials, useCase.Subject);
        // What runs without an approval may be bound: its traffic is then its own, and denied.
        Refuse.If(!useCase.IsApproved && !useCase.IsUngoverned, "not-approved", $"{useCaseKey} is not approved, so no credential can be bound to it yet.");

        var now = clock.GetUtcNow();
        var binding = CredentialBinding.Bind(useCaseKey, kind, value, gateway, by, now);
        var other = await db.CredentialBindings.AsNoTracking()
            .Where(b => b.Kind == binding.Kind && b.Value == binding.Value && b.RemovedAt == null)
            .Select(b => b.UseCaseKey).FirstOrDefaultAsync(cancellation);
        Refuse.If(other is not null, "credential-taken", $"This credential is already bound to {(other == useCaseKey ? "this use case" : "another use case")}. One credential identifies one use case.");
        db.CredentialBindings.Add(binding);
        useCase.GoIntoService(by, now);
        await QueuePush.ForGatewayAsync(db, binding.Gateway, await EnforcementGeneration.SaveAsync(db, cancellation), now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return binding;
    }

    public async Task RemoveAsync(string useCaseKey, Guid bindingId, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var binding = await db.CredentialBindings.SingleOrDefaultAsync(b => b.Id == bindingId && b.UseCaseKey == useCaseKey, cancellation)
            ?? throw new NotFoundException("binding", bindingId.ToString());
        var useCase = await db.DemandUseCaseAsync(binding.UseCaseKey, by, cancellation);
        AccessPolicy.Demand(by, Permission.BindCredentials, useCase.Subject);
        var now = clock.GetUtcNow();
        binding.Remove(by, now);
        await QueuePush.ForGatewayAsync(db, binding.Gateway, await EnforcementGeneration.SaveAsync(db, cancellation), now, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }
}
