using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Audit;

/// <summary>Appends each checkpoint to a file that can lie on another machine, or on storage that is written once.</summary>
public sealed class CheckpointJournal(string path) : ICheckpointSink
{
    /// <remarks>A note ends with a line break, and none holds an empty line at its end: a blank line parts them.</remarks>
    public async Task PublishAsync(string note, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.AppendAllTextAsync(path, note + "\n", cancellation);
    }
}
