using System.Globalization;

namespace CoEPortal.Evidence.Bundle;

/// <summary>One thing that does not hold.</summary>
/// <param name="Rule">Stable and kebab-case, for programs.</param>
/// <param name="Message">A sentence for an auditor.</param>
public sealed record BundleFinding(string Rule, string Message);

/// <summary>Checks that a bundle agrees with itself. What that does not prove, <see cref="EvidenceBundle"/> says.</summary>
public static class BundleCheck
{
    /// <summary>Everything that does not hold, in the order of the bundle; nothing when all of it does.</summary>
    public static IReadOnlyList<BundleFinding> Verify(EvidenceBundle bundle)
    {
        // What an unknown schema's fields mean is unknown too.
        if (!bundle.IsOfKnownSchema)
        {
            return [new("unknown-schema", $"The bundle's schema is unknown here; only {EvidenceBundle.CurrentSchema} is checked.")];
        }

        return
        [
            .. Revisions(bundle.Content.Revisions),
            .. Decisions(bundle),
            .. EventIds(bundle.Events),
            .. EventVersions(bundle.Events),
        ];
    }

    private static IEnumerable<BundleFinding> Revisions(IReadOnlyList<BundleRevision> revisions)
    {
        foreach (var (earlier, later) in revisions.Zip(revisions.Skip(1)))
        {
            if (later.Revision <= earlier.Revision)
            {
                yield return Finding("revision-order", $"Revision {later.Revision} stands after revision {earlier.Revision}.");
            }
        }

        foreach (var revision in revisions)
        {
            if (HashOf(revision) != revision.ContentHash)
            {
                yield return Finding(
                    "content-hash", $"What revision {revision.Revision} says does not have the hash stated for it ({revision.ContentHash}).");
            }
        }
    }

    /// <summary>A decision that names a hash of no revision here was made on something else.</summary>
    private static IEnumerable<BundleFinding> Decisions(EvidenceBundle bundle)
    {
        foreach (var decision in bundle.Decisions)
        {
            var decidedOn = bundle.Content.Revisions.Where(r => r.ContentHash == decision.ContentHash).ToList();
            if (decidedOn.Count is 0)
            {
                yield return Finding(
                    "decision-content",
                    $"The decision of {decision.PersonId} for {decision.Function} is on content that is not in the bundle ({decision.ContentHash}).");
            }
            else if (decidedOn.All(r => r.Revision != decision.Revision))
            {
                yield return Finding(
                    "decision-revision",
                    $"The decision of {decision.PersonId} for {decision.Function} names revision {decision.Revision}, but its hash is that of revision {decidedOn[0].Revision}.");
            }
        }
    }

    private static IEnumerable<BundleFinding> EventIds(IReadOnlyList<BundleEvent> events) => events
        .CountBy(e => e.EventId)
        .Where(count => count.Value > 1)
        .Select(count => Finding("event-id", $"The event {count.Key} is in the bundle {count.Value} times."));

    private static IEnumerable<BundleFinding> EventVersions(IReadOnlyList<BundleEvent> events)
    {
        foreach (var subject in events.GroupBy(e => (e.SubjectType, e.SubjectKey)))
        {
            // In long, so that no stated version can make the expected one overflow.
            var expected = 1L;
            foreach (var entry in subject)
            {
                if (entry.SubjectVersion != expected)
                {
                    yield return Finding(
                        "event-version",
                        $"Of {entry.SubjectType} {entry.SubjectKey}, event {expected} is missing or out of order: {entry.SubjectVersion} stands in its place.");
                }

                expected = entry.SubjectVersion + 1L;
            }
        }
    }

    private static ContentHash? HashOf(BundleRevision revision)
    {
        try
        {
            return ContentHash.Of(revision.Canonical);
        }
        catch (CanonicalJsonException)
        {
            return null;
        }
    }

    private static BundleFinding Finding(string rule, FormattableString message) =>
        new(rule, message.ToString(CultureInfo.InvariantCulture));
}
