using System.Globalization;
using System.Text;

namespace CoEPortal.Evidence.Verify;

/// <summary>A checkpoint whose signature holds. There is no other way to get one.</summary>
public sealed class SignedCheckpoint
{
    private const int LongestNote = 4096;
    private const int MostSignatures = 16;
    private const string SignatureMark = "— ";
    private const string TimeMark = "time ";

    private SignedCheckpoint(string origin, long size, byte[] root, DateTimeOffset at, string note)
    {
        (Origin, Size, Root, At, Note) = (origin, size, root, at, note);
    }

    public string Origin { get; }

    public long Size { get; }

    public byte[] Root { get; }

    public DateTimeOffset At { get; }

    /// <summary>As it was read.</summary>
    public string Note { get; }

    /// <summary>Reads a note and believes it only when one of the keys signed it.</summary>
    /// <param name="keys">Several while a key is being replaced.</param>
    /// <exception cref="CheckFailedException">Not a checkpoint, of another log, or not signed by any of the keys.</exception>
    public static SignedCheckpoint Open(string note, IReadOnlyCollection<PinnedKey> keys)
    {
        Demand(note.Length <= LongestNote, "checkpoint-length", "The checkpoint is longer than any checkpoint.");
        Demand(!note.Any(c => char.IsControl(c) && c != '\n'), "checkpoint-format", "The checkpoint has control characters.");
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        Demand(end > 0 && note.EndsWith('\n'), "checkpoint-format", "The checkpoint has no signature.");
        var text = note[..(end + 1)];
        var lines = text.Split('\n')[..^1];
        Demand(lines.Length == 4 && lines[3].StartsWith(TimeMark, StringComparison.Ordinal), "checkpoint-format", "A checkpoint has an origin, a size, a root and a time.");
        Demand(
            long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size.ToString(CultureInfo.InvariantCulture) == lines[1],
            "checkpoint-format", "The size of the checkpoint is no number.");
        Demand(Base64.TryReadHash(lines[2], out var root), "checkpoint-format", "The root of the checkpoint is no hash.");
        Demand(
            DateTimeOffset.TryParseExact(lines[3][TimeMark.Length..], CanonicalJson.InstantFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at),
            "checkpoint-format", "The time of the checkpoint is no time.");

        var known = keys.Where(k => k.Origin == lines[0]).ToList();
        Demand(known.Count > 0, "other-log", $"The checkpoint is of the log {lines[0]}, for which no key is pinned.");
        var signed = Encoding.UTF8.GetBytes(text);
        var signatures = note[(end + 2)..].Split('\n')[..^1];
        Demand(signatures.Length is > 0 and <= MostSignatures, "checkpoint-format", "The checkpoint has no signature, or too many.");
        // A signature of an unknown key says nothing; one of a known key that does not hold says that something is wrong.
        var judged = (from line in signatures
                      let signature = Read(line, lines[0])
                      where signature is not null
                      from key in known
                      where key.Id.Span.SequenceEqual(signature.AsSpan(0, 4))
                      select key.HasSigned(signed, signature.AsSpan(4))).ToList();
        Demand(judged.Count > 0, "unknown-key", "The checkpoint is signed by none of the pinned keys.");
        Demand(judged.TrueForAll(holds => holds), "signature", "The signature of the checkpoint does not hold: it was changed.");
        return new SignedCheckpoint(lines[0], size, root, at, note);
    }

    /// <summary>Reads a journal of notes, as the portal appends them to a file: an empty line after each.</summary>
    /// <exception cref="CheckFailedException">One of them does not hold.</exception>
    public static IReadOnlyList<SignedCheckpoint> OpenAll(string journal, IReadOnlyCollection<PinnedKey> keys)
    {
        // A note has one empty line, before its signatures; the journal adds one after each note.
        var parts = journal.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Demand(parts.Length > 0 && parts.Length % 2 == 0, "checkpoint-format", "The file is no journal of checkpoints.");
        return [.. parts.Chunk(2).Select(note => Open($"{note[0]}\n\n{note[1].TrimEnd('\n')}\n", keys))];
    }

    /// <returns>Four bytes of key id and the signature; null when another name signed.</returns>
    private static byte[]? Read(string line, string origin)
    {
        Demand(line.StartsWith(SignatureMark, StringComparison.Ordinal), "checkpoint-format", "A line of the checkpoint is no signature.");
        var parts = line[SignatureMark.Length..].Split(' ');
        Demand(parts.Length == 2, "checkpoint-format", "A line of the checkpoint is no signature.");
        if (parts[0] != origin)
        {
            return null;
        }

        Demand(Base64.TryRead(parts[1], out var bytes) && bytes.Length > 4, "checkpoint-format", "A signature of the checkpoint is no base64.");
        return bytes;
    }

    private static void Demand([System.Diagnostics.CodeAnalysis.DoesNotReturnIf(false)] bool holds, string rule, string otherwise)
    {
        if (!holds)
        {
            throw new CheckFailedException(rule, otherwise);
        }
    }
}
