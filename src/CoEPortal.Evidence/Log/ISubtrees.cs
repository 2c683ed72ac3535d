namespace CoEPortal.Evidence.Log;

/// <summary>
/// The hashes a log keeps: of its leaves (level 0), of each 256 leaves that are complete (level 1), of each 65,536
/// (level 2), and so on. Nothing that is kept ever changes, and all else of the tree follows from it.
/// </summary>
public interface ISubtrees
{
    /// <summary>How many subtrees of one level make one of the next.</summary>
    const int Fanout = 256;

    /// <param name="level">A subtree of level n has 256ⁿ leaves.</param>
    /// <param name="first">Counts the subtrees of the level from 0.</param>
    /// <param name="count">At most <see cref="Fanout"/>; all of them are complete.</param>
    ValueTask<IReadOnlyList<ContentHash>> ReadAsync(int level, long first, int count, CancellationToken cancellation);
}

/// <summary>A subtree that has become complete and is to be kept.</summary>
public sealed record Subtree(int Level, long Index, ContentHash Hash);
