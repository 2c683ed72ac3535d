namespace CoEPortal.Governance.Audit;

/// <summary>A place for checkpoints that can be asked what it was given last, kept where the owner of the database cannot write.</summary>
public interface ICheckpointMemory : ICheckpointSink
{
    /// <returns>The note; null when it was never given one.</returns>
    Task<string?> RecallAsync(CancellationToken cancellation);
}
