namespace CoEPortal.Governance.Audit;

/// <summary>What this node signed last, kept where the owner of the database cannot write.</summary>
public interface ICheckpointMemory
{
    /// <returns>The note; null when nothing was ever signed here.</returns>
    Task<string?> RecallAsync(CancellationToken cancellation);

    Task KeepAsync(string note, CancellationToken cancellation);
}
