using System.Text;
using CoEPortal.Evidence.Bundle;

namespace CoEPortal.Evidence.Verify;

/// <summary>Checks the proof of one entry.</summary>
public static class EntryCheck
{
    /// <returns>The checkpoint under which the entry is in the log.</returns>
    /// <exception cref="CheckFailedException">It is not, or the checkpoint does not hold.</exception>
    public static SignedCheckpoint Verify(EntryProof proof, IReadOnlyCollection<PinnedKey> keys)
    {
        var checkpoint = SignedCheckpoint.Open(proof.Checkpoint, keys);
        return Includes(proof.Entry, checkpoint) ? checkpoint
            : throw new CheckFailedException("inclusion", $"Entry {proof.Entry.Index} is not in the log that was signed.");
    }

    internal static bool Includes(BundleEntry entry, SignedCheckpoint checkpoint) =>
        Base64.ReadHashes(entry.Path) is { } path
        && TreeCheck.Includes(entry.Index, checkpoint.Size, TreeCheck.HashLeaf(Encoding.UTF8.GetBytes(entry.Data)), path, checkpoint.Root);
}
