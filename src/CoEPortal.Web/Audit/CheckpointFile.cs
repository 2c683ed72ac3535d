using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Audit;

/// <summary>What this node signed last, in a file beside the database's; replaced as a whole, so that no crash leaves half a note.</summary>
public sealed class CheckpointFile(string path) : ICheckpointMemory
{
    public async Task<string?> RecallAsync(CancellationToken cancellation) =>
        File.Exists(path) ? await File.ReadAllTextAsync(path, cancellation) : null;

    public async Task PublishAsync(string note, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path + ".new", note, cancellation);
        File.Move(path + ".new", path, overwrite: true);
    }
}
