using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CoEPortal.Governance.Policies;

/// <summary>Reads one file of rules or questions, and says in which line it contradicts itself.</summary>
public static class VersionedFile
{
    /// <returns>Null when the file is good.</returns>
    public static RefusedFile? Read<T>(string yaml, string name, out T? file)
        where T : class, IVersionedFile
    {
        file = null;
        try
        {
            if (AliasIn(yaml) is { } alias)
            {
                return new RefusedFile(name, alias, "Anchors and aliases are not used here: write it out.");
            }

            file = YamlFile.Read<T>(yaml);
        }
        catch (YamlException error)
        {
            return new RefusedFile(name, error.Start.Line, error.InnerException?.Message ?? error.Message);
        }

        if (file is null || file.Version.Length == 0 || file.EffectiveOn == default)
        {
            return new RefusedFile(name, 1, "version and effectiveOn are needed.");
        }

        return file.Faults().Select(f => new RefusedFile(name, LineOf(yaml, f.Word), f.Sentence)).FirstOrDefault();
    }

    // Few lines of aliases can stand for billions of values.
    private static long? AliasIn(string yaml)
    {
        var parser = new Parser(new StringReader(yaml));
        while (parser.MoveNext())
        {
            if (parser.Current is AnchorAlias || parser.Current is NodeEvent { Anchor.IsEmpty: false })
            {
                return parser.Current.Start.Line;
            }
        }

        return null;
    }

    private static long LineOf(string yaml, string word)
    {
        var at = word.Length == 0 ? -1 : yaml.IndexOf(word, StringComparison.Ordinal);
        return at < 0 ? 0 : 1 + yaml.AsSpan(0, at).Count('\n');
    }
}
