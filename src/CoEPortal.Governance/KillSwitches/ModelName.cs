using System.Text.RegularExpressions;

namespace CoEPortal.Governance.KillSwitches;

/// <summary>
/// The names under which one model is asked for: as it is, without the provider before a slash, and without the date of a
/// snapshot at the end. A switch of <c>gpt-4o</c> has to hold <c>openai/gpt-4o-2024-08-06</c> as well.
/// </summary>
public static partial class ModelName
{
    public static IEnumerable<string> Readings(string model)
    {
        yield return model;
        var bare = model[(model.LastIndexOf('/') + 1)..];
        yield return bare;
        yield return Dated().Replace(bare, "");
    }

    [GeneratedRegex("[-@](?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})$")]
    private static partial Regex Dated();
}
