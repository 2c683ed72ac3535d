using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.People;

/// <summary>Gives a machine a key. The clear text is returned once and never stored.</summary>
public sealed class IssueMachineToken(IDbContextFactory<GovernanceDb> databases, TimeProvider clock)
{
    public static readonly TimeSpan LongestValidity = TimeSpan.FromDays(366);

    public async Task<string> RunAsync(
        string name, IReadOnlyList<string> scopes, string? useCaseKey, TimeSpan validFor, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.ManageTokens);
        Refuse.If(validFor <= TimeSpan.Zero || validFor > LongestValidity, "validity-out-of-range", "A token is valid for at least a day and at most a year.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (useCaseKey is not null && !await db.UseCases.AnyAsync(u => u.Key == useCaseKey, cancellation))
        {
            throw new NotFoundException("use case", useCaseKey);
        }

        var (token, clearText) = MachineToken.Issue(name, scopes, useCaseKey, validFor, by, clock.GetUtcNow());
        db.MachineTokens.Add(token);
        // In the same transaction: a node that misses the notification still finds the new generation within a second.
        await EnforcementGeneration.SaveAsync(db, cancellation);
        await transaction.CommitAsync(cancellation);
        return clearText;
    }
}
