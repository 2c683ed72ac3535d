using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CoEPortal.Governance.Scoring;

/// <summary>Where in a YAML file something stands, so that a refusal can name the line.</summary>
public sealed class YamlPlace
{
    private readonly YamlNode? _root;

    private YamlPlace(YamlNode? root) => _root = root;

    /// <param name="yaml">A file that could be read.</param>
    public static YamlPlace Of(string yaml)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException)
        {
            return new YamlPlace(null);
        }

        return new YamlPlace(stream.Documents is [var document, ..] ? document.RootNode : null);
    }

    /// <summary>The line of what is deepest on this path of keys and indexes; 1 when not even its beginning is there.</summary>
    public long Line(params object[] path)
    {
        var (node, line) = (_root, 1L);
        foreach (var step in path)
        {
            if (node is YamlSequenceNode list && step is int at && at < list.Children.Count)
            {
                node = list.Children[at];
                line = node.Start.Line;
            }
            else if (node is YamlMappingNode map && map.Children.FirstOrDefault(c => c.Key is YamlScalarNode key && key.Value == step.ToString()) is { Key: { } found } entry)
            {
                (node, line) = (entry.Value, found.Start.Line);
            }
            else
            {
                break;
            }
        }

        return line;
    }
}
