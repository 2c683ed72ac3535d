using System.Globalization;

namespace CoEPortal.Evidence.Log;

/// <summary>How large a log was at a time, and the root over all of it (C2SP tlog-checkpoint). Whoever holds one can tell any other past from the true one.</summary>
/// <param name="Size">Number of leaves.</param>
/// <param name="At">By the signer's clock; the one extension line, so that hours without a checkpoint show.</param>
public sealed record Checkpoint(string Origin, long Size, ContentHash Root, DateTimeOffset At)
{
    /// <summary>What is signed.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root.ToBytes())}\ntime {CanonicalJson.Text(At)}\n");
}
