using System.Text.Json;

namespace CoEPortal.Workflows.Expressions;

/// <summary>
/// What fills a place of an activity: Literal, Object, Variable, Input or the JavaScript subset. Anything else, and
/// JavaScript outside the subset, is kept as <see cref="Unsupported"/>: it faults when reached and lint refuses it.
/// </summary>
internal abstract record Expression
{
    private Expression()
    {
    }

    /// <summary>A value as it stands.</summary>
    public sealed record Literal(JsonElement Value) : Expression;

    /// <summary>JSON in a string; parsed only where a dictionary or a list is asked for.</summary>
    public sealed record ObjectText(string Json) : Expression;

    public sealed record Variable(string VariableId) : Expression;

    public sealed record Input(string Name) : Expression;

    public sealed record JavaScript(string Source, Syntax Syntax) : Expression;

    public sealed record Unsupported(string Reason) : Expression;

    public static Expression Read(JsonElement json)
    {
        var value = json.Member("value") ?? JsonElements.Null;
        return json.Member("type")?.AsText() switch
        {
            "Literal" => new Literal(value),
            "Object" => new ObjectText(value.AsText() ?? value.GetRawText()),
            "Variable" when value.Member("id")?.AsText() is { } id => new Variable(id),
            "Input" when value.Member("name")?.AsText() is { } name => new Input(name),
            "JavaScript" when value.AsText() is { } source => ReadJavaScript(source),
            { } type => new Unsupported($"expressions of type '{type}' are not supported; use Literal, Object, Variable, Input or JavaScript"),
            null => new Unsupported("the expression has no type"),
        };
    }

    private static Expression ReadJavaScript(string source)
    {
        try
        {
            return new JavaScript(source, Parser.Parse(source));
        }
        catch (ExpressionException refused)
        {
            return new Unsupported(refused.Message);
        }
    }
}

/// <summary>An expression cannot be parsed or evaluated; the message says where and why.</summary>
internal sealed class ExpressionException(string message) : Exception(message);
