namespace CoEPortal.Governance.Audit;

/// <summary>A place outside the database to which checkpoints are given. Whoever holds one can tell later whether the log still begins with it.</summary>
public interface ICheckpointSink
{
    /// <summary>Must not hold up the log: a place that cannot be reached is caught up later or reported, never waited for.</summary>
    Task PublishAsync(string note, CancellationToken cancellation);
}
