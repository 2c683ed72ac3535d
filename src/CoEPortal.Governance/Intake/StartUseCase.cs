using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Intake;

/// <summary>Somebody has an idea: gives it a key and an empty draft.</summary>
public sealed class StartUseCase(IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TimeProvider clock)
{
    public async Task<UseCase> RunAsync(Actor author, Proposal? draft = null, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await AddAsync(db, author, draft, cancellation);
        await db.SaveChangesAsync(cancellation);
        return useCase;
    }

    /// <summary>As part of a larger change, which saves it.</summary>
    internal async Task<UseCase> AddAsync(GovernanceDb db, Actor author, Proposal? draft, CancellationToken cancellation)
    {
        AccessPolicy.Demand(author, Permission.ProposeUseCase);
        if (draft is not null)
        {
            validator.Demand(draft, ProposalValidator.Bounds);
        }

        var number = await db.Database.SqlQuery<long>($"select nextval('use_case_number') as \"Value\"").SingleAsync(cancellation);
        var useCase = UseCase.Start($"UC-{number:0000}", author, clock.GetUtcNow());
        if (draft is not null)
        {
            useCase.SaveDraft(
                draft.BusinessUnit.Length > 0 ? draft : draft with { BusinessUnit = author.BusinessUnit }, author, clock.GetUtcNow());
        }

        db.UseCases.Add(useCase);
        return useCase;
    }
}
