using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Evidence.Log;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Audit;

/// <summary>Takes the personal texts out of the body of an event, and says later what was taken.</summary>
internal static class PersonalTexts
{
    private static readonly FrozenDictionary<string, Mark[]> Marks = typeof(GovernanceEvent).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(GovernanceEvent)) && !t.IsAbstract)
        .ToFrozenDictionary(t => t.Name, t => (
            from property in t.GetProperties()
            let mark = property.GetCustomAttribute<PersonalAttribute>()
            where mark is not null
            select new Mark(Json(property.Name), mark.Person is null ? null : Json(mark.Person), mark is { Person: not null, IsText: false })).ToArray());

    /// <summary>Each text by whose it is and where it stood. A text goes, a list keeps its length and holds null.</summary>
    public static Dictionary<string, JsonObject> TakeOut(string action, JsonObject body, Actor by)
    {
        var texts = new Dictionary<string, JsonObject>();
        if (by.Name.Length > 0)
        {
            Add(by.Id.Value, SealedTexts.ActorName, by.Name);
        }

        foreach (var mark in Marks.GetValueOrDefault(action) ?? [])
        {
            if (body[mark.Member] is JsonArray list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (Add(mark.WhoseIn(body, i) ?? by.Id.Value, $"{mark.Member}/{i}", (string?)list[i]))
                    {
                        list[i] = null;
                    }
                }
            }
            else if (Add(mark.WhoseIn(body) ?? by.Id.Value, mark.Member, (string?)body[mark.Member]))
            {
                body.Remove(mark.Member);
            }
        }

        return texts;

        bool Add(string person, string place, string? text)
        {
            if (string.IsNullOrEmpty(text) || !new PersonId(person).IsOfAPerson)
            {
                return false;
            }

            if (!texts.TryGetValue(person, out var own))
            {
                texts[person] = own = [];
            }

            own[place] = text;
            return true;
        }
    }

    /// <summary>Where texts were taken out of a body and are not put back (<c>comment</c>, <c>conditions/0</c>), and whose they are; null: of who acted.</summary>
    public static IEnumerable<(string Place, string? Person)> MissingIn(string action, JsonObject body)
    {
        foreach (var mark in Marks.GetValueOrDefault(action) ?? [])
        {
            if (body[mark.Member] is JsonArray list)
            {
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is null)
                    {
                        yield return ($"{mark.Member}/{i}", mark.WhoseIn(body, i));
                    }
                }
            }
            else if (!body.ContainsKey(mark.Member))
            {
                yield return (mark.Member, mark.WhoseIn(body));
            }
        }
    }

    /// <summary>As it was stored, without the text at this place.</summary>
    public static void Clear(JsonObject body, string place)
    {
        if (place.Contains('/', StringComparison.Ordinal))
        {
            SealedTexts.Restore(body, [KeyValuePair.Create(place, (JsonNode?)null)]);
        }
        else
        {
            body.Remove(place);
        }
    }

    public static bool IsName(string action, string place) => Array.Exists(Marks.GetValueOrDefault(action) ?? [], m => m.IsName && m.Member == place);

    private static string Json(string property) => JsonNamingPolicy.CamelCase.ConvertName(property);

    private sealed record Mark(string Member, string? Person, bool IsName)
    {
        public string? WhoseIn(JsonObject body, int at = 0) => Person is null ? null : body[Person] switch
        {
            JsonArray ids => at < ids.Count ? (string?)ids[at] : null,
            var id => (string?)id,
        };
    }
}
