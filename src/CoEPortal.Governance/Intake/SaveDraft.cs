using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Intake;

/// <summary>Keeps the text as far as it is. Two tabs on one draft: the second is told, nothing is overwritten.</summary>
public sealed class SaveDraft(IDbContextFactory<GovernanceDb> databases, ProposalValidator validator, TimeProvider clock)
{
    /// <param name="version">The version of the use case that the editor saw.</param>
    /// <returns>The version to send with the next save.</returns>
    public async Task<int> RunAsync(string key, Proposal draft, int version, Actor editor, CancellationToken cancellation = default)
    {
        validator.Demand(draft, ProposalValidator.Bounds);
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var useCase = await db.DemandUseCaseAsync(key, editor, cancellation);
        useCase.DemandWritable(editor);
        if (useCase.Draft.SaysTheSameAs(draft))
        {
            return useCase.Version;
        }

        Refuse.If(useCase.Version != version, "changed-meanwhile",
            $"{key} was changed in another tab or by somebody else since you opened it. Your text is still on this page: copy what you need, then load the newer draft.");
        useCase.SaveDraft(draft, editor, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return useCase.Version;
    }
}
