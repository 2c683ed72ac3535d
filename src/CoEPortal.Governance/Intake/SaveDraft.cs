using CoEPortal.Governance.Access;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.Intake;

/// <summary>
/// Keeps the text as far as it is. Two tabs or two people on one draft: the second is told, nothing is overwritten. Only a
/// newer text is in the way; somebody who was invited meanwhile, or a review that ended, changed no word.
/// </summary>
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

        Refuse.If(version < useCase.DraftVersion || version > useCase.Version, "changed-meanwhile",
            $"{key} was changed in another tab or by somebody else since you opened it. Neither text is lost: load the newer draft, and what you wrote differently is shown beside it, answer by answer.");
        useCase.SaveDraft(draft, editor, clock.GetUtcNow());
        await db.SaveChangesAsync(cancellation);
        return useCase.Version;
    }
}
