using System.Text;
using CoEPortal.Evidence.Bundle;

namespace CoEPortal.Evidence.Verify;

/// <summary>Checks what a bundle says of the audit log: each event is in it, exactly as it was numbered, and the log only grew since earlier reports.</summary>
public static class BundleLogCheck
{
    /// <param name="keys">From the auditor's own papers.</param>
    /// <param name="checkpoints">Those that hold, to be compared with other files.</param>
    /// <returns>What does not hold; nothing when all of it does.</returns>
    public static IReadOnlyList<BundleFinding> Verify(EvidenceBundle bundle, IReadOnlyCollection<PinnedKey> keys, out IReadOnlyList<SignedCheckpoint> checkpoints)
    {
        checkpoints = [];
        if (bundle.Log is not { } log)
        {
            return [new("no-log", "The bundle proves nothing about the audit log: it was made without one.")];
        }

        try
        {
            var checkpoint = SignedCheckpoint.Open(log.Checkpoint, keys);
            var opened = new Dictionary<string, OpenedEntry>();
            var earlier = log.Extends.Select(e => (Extension: e, Checkpoint: SignedCheckpoint.Open(e.Checkpoint, keys))).ToList();
            checkpoints = [.. earlier.Select(e => e.Checkpoint), checkpoint];
            return
            [
                .. log.Entries.Where(e => !EntryCheck.Includes(e, checkpoint)).Select(e => new BundleFinding("inclusion", $"Entry {e.Index} is not in the log that was signed.")),
                .. earlier.Where(e => !Extends(e.Checkpoint, checkpoint, e.Extension.Proof))
                    .Select(e => new BundleFinding("not-extended", $"The log does not begin with the {e.Checkpoint.Size:N0} entries that were signed on {e.Checkpoint.At:yyyy-MM-dd HH:mm:ss} UTC: there are two histories.")),
                .. Openings(log, opened),
                .. Events(bundle, log.Entries, opened),
                .. log.Range is { } range ? RangeCheck.Verify(range, checkpoint) : [],
            ];
        }
        catch (CheckFailedException failed)
        {
            return [new(failed.Rule, failed.Message)];
        }
    }

    private static bool Extends(SignedCheckpoint earlier, SignedCheckpoint later, IReadOnlyList<string> proof) =>
        earlier.Size <= later.Size && Base64.ReadHashes(proof) is { } hashes && TreeCheck.Extends(earlier.Size, later.Size, earlier.Root, later.Root, hashes);

    /// <summary>Each key opens what was sealed when the entry was signed, and nothing else.</summary>
    /// <param name="opened">Is given what they open, by event.</param>
    private static IEnumerable<BundleFinding> Openings(BundleLog log, Dictionary<string, OpenedEntry> opened)
    {
        if (log.Openings is not { } openings)
        {
            yield break;
        }

        var entries = new Dictionary<string, string>();
        foreach (var data in log.Entries.Select(e => e.Data).Concat(log.Range?.Entries ?? []))
        {
            if (Said(data, null, false).Id is { } id)
            {
                entries.TryAdd(id, data);
            }
        }

        foreach (var (id, keys) in openings)
        {
            BundleFinding? wrong = null;
            try
            {
                opened[id] = entries.TryGetValue(id, out var data) ? OpenedEntry.Of(data, keys)
                    : throw new CheckFailedException("opening-wrong", $"The bundle opens the event {id}, of which it holds no entry.");
            }
            catch (CheckFailedException failed)
            {
                wrong = new(failed.Rule, failed.Message);
            }

            if (wrong is not null)
            {
                yield return wrong;
            }
        }
    }

    private static IEnumerable<BundleFinding> Events(EvidenceBundle bundle, IReadOnlyList<BundleEntry> entries, Dictionary<string, OpenedEntry> opened)
    {
        var logged = new Dictionary<string, string>();
        foreach (var entry in entries)
        {
            if (Said(entry.Data, opened, bundle.NamesActors) is not ({ } id, { } said) || !logged.TryAdd(id, said))
            {
                yield return new BundleFinding("entry-format", $"Entry {entry.Index} is no event, or stands twice.");
            }
        }

        foreach (var happened in bundle.Events)
        {
            if (!logged.TryGetValue(happened.EventId.ToString(), out var said))
            {
                yield return new BundleFinding("event-not-logged", $"{happened.Action} of {happened.SubjectType} {happened.SubjectKey} is not proven to be in the log.");
            }
            else if (said != Said(happened, bundle.NamesActors))
            {
                yield return new BundleFinding("event-differs", $"{happened.Action} of {happened.SubjectType} {happened.SubjectKey} is told otherwise in the log.");
            }
        }
    }

    /// <summary>What an entry says, in one text to compare; the id apart.</summary>
    private static (string? Id, string? Said) Said(string data, Dictionary<string, OpenedEntry>? opened, bool named)
    {
        try
        {
            var entry = CanonicalJson.Parse(Encoding.UTF8.GetBytes(data));
            string? Text(string name) => entry.GetProperty(name).GetString();
            var open = opened?.GetValueOrDefault(Text("eventId") ?? "");
            return (Text("eventId"), string.Join('\n', Text("subjectType"), Text("subjectKey"), entry.GetProperty("subjectVersion").GetInt32(),
                Text("occurredAt"), Text("recordedAt"), Text("actorId"), Text("action"), Text("contentHash"), open?.Body ?? Text("body"),
                named ? open?.ActorName ?? Text("actorName") : null));
        }
        catch (Exception error) when (error is CanonicalJsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return (null, null);
        }
    }

    private static string Said(BundleEvent e, bool named) => string.Join('\n', e.SubjectType, e.SubjectKey, e.SubjectVersion,
        CanonicalJson.Text(e.OccurredAt), CanonicalJson.Text(e.RecordedAt), e.ActorId, e.Action, e.ContentHash?.ToString(),
        Encoding.UTF8.GetString(CanonicalJson.Write(e.Body)), named ? e.ActorName : null);
}
