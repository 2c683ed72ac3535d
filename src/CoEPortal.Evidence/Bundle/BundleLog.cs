namespace CoEPortal.Evidence.Bundle;

/// <summary>That the bundle's events are in the audit log, for whoever has the log's public key (<c>FORMAT.md</c>).</summary>
/// <param name="Key">The public key, as a help only: a file that vouches for its own key proves nothing to a stranger.</param>
/// <param name="Checkpoint">A signed note.</param>
/// <param name="Entries">One for each event of the bundle, by index.</param>
/// <param name="Extends">Checkpoints of earlier reports, each with the proof that the log only grew since.</param>
/// <param name="Range">Every entry of a stretch of the log, for a bundle that is about a time; its events stand only there.</param>
/// <param name="Openings">What opens the sealed texts of just these entries: by event and person the key, in base64. Of who was erased there is none.</param>
public sealed record BundleLog(
    string Key, string Checkpoint, IReadOnlyList<BundleEntry> Entries, IReadOnlyList<BundleExtension> Extends, BundleRange? Range = null,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? Openings = null);

/// <summary>Entries that follow each other in the log without a gap, under one proof.</summary>
/// <param name="First">The index of the first, from 0.</param>
/// <param name="Entries">The data of each leaf, its canonical JSON as text.</param>
/// <param name="Proof">Roots of the subtrees beside the range, from left to right: hashes in base64.</param>
public sealed record BundleRange(long First, IReadOnlyList<string> Entries, IReadOnlyList<string> Proof);

/// <summary>One entry of the log.</summary>
/// <param name="Index">Counts from 0.</param>
/// <param name="Data">The data of the leaf, its canonical JSON as text.</param>
/// <param name="Path">Proof of inclusion under the checkpoint: hashes in base64.</param>
public sealed record BundleEntry(long Index, string Data, IReadOnlyList<string> Path);

/// <param name="Checkpoint">A signed note of an earlier report.</param>
/// <param name="Proof">Proof of consistency with the bundle's checkpoint: hashes in base64.</param>
public sealed record BundleExtension(string Checkpoint, IReadOnlyList<string> Proof);
