using System.Text;
using System.Text.RegularExpressions;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Audit;

/// <summary>Appends each checkpoint to a file that can lie on another machine, or on storage that is written once.</summary>
public sealed partial class CheckpointJournal(string path) : ICheckpointMemory
{
    private const int LongestNote = 4096;

    /// <remarks>A note ends with a line break, and none holds an empty line at its end: a blank line parts them.</remarks>
    public async Task PublishAsync(string note, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.AppendAllTextAsync(path, note + "\n", cancellation);
    }

    /// <returns>The last that is whole: a crash may have left a part of one behind it.</returns>
    public async Task<string?> RecallAsync(CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, 4 * LongestNote), SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return Note().Matches(await reader.ReadToEndAsync(cancellation)).LastOrDefault()?.Value;
    }

    // Origin, size, root, time; an empty line; one signature or more; and the blank line that ends it.
    [GeneratedRegex(@"(?<=^|\n)[^\n]+\n[0-9]+\n[^\n]+\ntime [^\n]+\n\n(?:— [^\n]+\n)+(?=\n)")]
    private static partial Regex Note();
}
