using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Persistence;

namespace CoEPortal.Governance.Audit;

/// <summary>Gives entries of the log their names and words back, for everybody who reads them: one question for all the keys of a page.</summary>
public sealed class OpenEntries(PersonKeys keys)
{
    /// <summary>What stands for the name of somebody who was erased.</summary>
    public const string ErasedPerson = "Erased person";

    /// <summary>What stands for what they wrote.</summary>
    public const string ErasedText = "[erased]";

    /// <summary>What stands for what somebody damaged in the database: the verifier finds it, and the rest of the page is still read.</summary>
    public const string Unreadable = "[unreadable]";

    internal async Task<List<TimelineEntry>> RunAsync(GovernanceDb db, IReadOnlyList<TimelineEntry> stored, CancellationToken cancellation)
    {
        var texts = stored.Select(e => TextsOf(e.Sealed)).ToList();
        var known = await keys.OfAsync(db, [.. texts.SelectMany(t => t.Keys).Distinct()], cancellation);
        return [.. stored.Zip(texts, (entry, own) => entry.Sealed is null ? entry : Open(entry, own, known))];
    }

    /// <summary>The key of each event for each person in it, for who is to read only these: by event, by person, in base64.</summary>
    internal async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> OpeningsAsync(
        GovernanceDb db, IReadOnlyList<LoggedEvent> events, CancellationToken cancellation)
    {
        var people = events.Select(e => (e.EventId, People: TextsOf(e.Sealed).Keys)).Where(e => e.People.Count > 0).ToList();
        var known = await keys.OfAsync(db, [.. people.SelectMany(e => e.People).Distinct()], cancellation);
        var openings = new Dictionary<string, IReadOnlyDictionary<string, string>>();
        foreach (var (id, who) in people)
        {
            var own = who.Where(p => known.GetValueOrDefault(p) is not null).ToDictionary(p => p, p => Convert.ToBase64String(SealedTexts.KeyOf(known[p]!, id)));
            if (own.Count > 0)
            {
                openings[id.ToString()] = own;
            }
        }

        return openings;
    }

    private static TimelineEntry Open(TimelineEntry entry, Dictionary<string, string> texts, Dictionary<string, byte[]?> keys)
    {
        var body = JsonNode.Parse(entry.Body)!.AsObject();
        var actorName = entry.ActorName;
        var (opened, damaged) = (new HashSet<string>(), new HashSet<string>());
        foreach (var (person, text) in texts)
        {
            if (keys.GetValueOrDefault(person) is not { } key)
            {
                continue;
            }

            if (OpenOne(key, entry.EventId, person, text) is not { } own)
            {
                damaged.Add(person);
            }
            else
            {
                actorName = person == entry.ActorId && own.Remove(SealedTexts.ActorName, out var name) ? (string)name! : actorName;
                SealedTexts.Restore(body, own);
                opened.Add(person);
            }
        }

        var erased = new List<string>();
        foreach (var (place, person) in PersonalTexts.MissingIn(entry.Action, body).Where(m => !opened.Contains(m.Person ?? entry.ActorId)).ToList())
        {
            JsonNode instead = damaged.Contains(person ?? entry.ActorId) ? Unreadable : PersonalTexts.IsName(entry.Action, place) ? ErasedPerson : ErasedText;
            SealedTexts.Restore(body, [KeyValuePair.Create(place, (JsonNode?)instead)]);
            erased.Add(place);
        }

        if (actorName.Length == 0)
        {
            actorName = damaged.Contains(entry.ActorId) ? Unreadable : ErasedPerson;
            erased.Add(SealedTexts.ActorName);
        }

        return entry with { ActorName = actorName, Body = Encoding.UTF8.GetString(CanonicalJson.Write(body)), Sealed = null, Erased = erased };
    }

    /// <returns>Null when it is not what was sealed.</returns>
    private static JsonObject? OpenOne(byte[] key, Guid eventId, string person, string text)
    {
        try
        {
            return SealedTexts.Open(SealedTexts.KeyOf(key, eventId), eventId, person, text);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> TextsOf(string? sealedTexts)
    {
        try
        {
            return sealedTexts is null or "{}" ? [] : JsonSerializer.Deserialize<Dictionary<string, string>>(sealedTexts)!;
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
