using System.Text.Json;

namespace CoEPortal.Workflows.Expressions;

/// <summary>What an expression can see: the workflow's variables and inputs, nothing else.</summary>
internal interface IEvaluationScope
{
    JsonElement ReadVariableById(string id);

    JsonElement ReadVariableByName(string name);

    /// <summary>The input, or null when it was never given or did not survive a suspension.</summary>
    JsonElement ReadInput(string name);
}

/// <summary>Evaluates expressions. Pure, without loops, bounded by the size of the syntax and of the texts it joins.</summary>
internal sealed class Evaluation(IEvaluationScope scope)
{
    /// <summary>Longest text an expression may build; a loop of a workflow could otherwise double it every round.</summary>
    public const int MaxTextLength = 64 * 1024;

    /// <summary>The value of the expression as the given place wants it.</summary>
    /// <exception cref="ExpressionException">The expression is unsupported or fails.</exception>
    public JsonElement Evaluate(Expression expression, string typeName) => expression switch
    {
        Expression.Literal literal => literal.Value,
        Expression.ObjectText text => TypedValue.IsStructured(typeName) ? Structured(text.Json) : JsonElements.Of(text.Json),
        Expression.Variable variable => scope.ReadVariableById(variable.VariableId),
        Expression.Input input => scope.ReadInput(input.Name),
        Expression.JavaScript script => JavaScriptValue.ToJson(Evaluate(script.Syntax)),
        Expression.Unsupported unsupported => throw new ExpressionException(unsupported.Reason),
        _ => throw new ExpressionException("unknown expression"),
    };

    /// <summary>The value of a condition. Absent is false, as Elsa converts null to Boolean.</summary>
    public bool IsTrue(Expression condition)
    {
        var value = TypedValue.Convert(Evaluate(condition, "Boolean"), "Boolean");
        return value.ValueKind is JsonValueKind.True;
    }

    private static JsonElement Structured(string json) => JsonElements.TryParse(json)
        ?? throw new ExpressionException("the Object expression is not valid JSON, names a member twice or nests too deep");

    private object? Evaluate(Syntax syntax) => syntax switch
    {
        Syntax.Constant constant => constant.Value,
        Syntax.VariableRead read => JavaScriptValue.From(scope.ReadVariableByName(read.Name)),
        Syntax.InputRead read => JavaScriptValue.From(scope.ReadInput(read.Name)),
        Syntax.Member member => ReadMember(Evaluate(member.Target), Evaluate(member.Name)),
        Syntax.Unary unary => Apply(unary.Operator, Evaluate(unary.Operand)),
        Syntax.Binary { Operator: "&&" } and => Evaluate(and.Left) is var left && JavaScriptValue.IsTrue(left) ? Evaluate(and.Right) : left,
        Syntax.Binary { Operator: "||" } or => Evaluate(or.Left) is var left && JavaScriptValue.IsTrue(left) ? left : Evaluate(or.Right),
        Syntax.Binary binary => Apply(binary.Operator, Evaluate(binary.Left), Evaluate(binary.Right)),
        Syntax.Conditional conditional => Evaluate(
            JavaScriptValue.IsTrue(Evaluate(conditional.Condition)) ? conditional.WhenTrue : conditional.WhenFalse),
        Syntax.ObjectLiteral literal => EvaluateObject(literal),
        Syntax.ArrayLiteral literal => Bounded(literal.Items.Select(item => JavaScriptValue.ToJson(Evaluate(item))).ToList()),
        _ => throw new ExpressionException("unknown syntax"),
    };

    private JsonElement EvaluateObject(Syntax.ObjectLiteral literal)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (name, syntax) in literal.Members)
        {
            var value = Evaluate(syntax);
            members.Remove(name);
            if (value is not Undefined)
            {
                members[name] = JavaScriptValue.ToJson(value);
            }
        }

        return Bounded(members);
    }

    /// <summary>A chain of steps that each put the last value twice into the next would otherwise fill the memory.</summary>
    private static JsonElement Bounded<T>(T value)
    {
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(value);
            return json.Length <= MaxTextLength
                ? JsonElement.Parse(json)
                : throw new ExpressionException($"the object grew beyond {MaxTextLength} bytes");
        }
        catch (Exception tooDeep) when (tooDeep is JsonException or InvalidOperationException)
        {
            throw new ExpressionException("the object nests too deep");
        }
    }

    private static object? ReadMember(object? target, object? name) => (target, name) switch
    {
        (null or Undefined, _) => throw new ExpressionException(
            $"cannot read '{JavaScriptValue.ToText(name)}' of {JavaScriptValue.ToText(target)}"),
        (JsonElement { ValueKind: JsonValueKind.Array } array, double index) =>
            index >= 0 && index < array.GetArrayLength() && index == Math.Floor(index)
                ? JavaScriptValue.From(array[(int)index])
                : Undefined.Value,
        (JsonElement { ValueKind: JsonValueKind.Array } array, "length") => (double)array.GetArrayLength(),
        (string text, "length") => (double)text.Length,
        (JsonElement element, _) when element.Member(JavaScriptValue.ToText(name)) is { } member => JavaScriptValue.From(member),
        _ => Undefined.Value,
    };

    private static object Apply(string symbol, object? operand) => symbol switch
    {
        "!" => !JavaScriptValue.IsTrue(operand),
        "-" => -JavaScriptValue.ToNumber(operand),
        _ => JavaScriptValue.ToNumber(operand),
    };

    private static object Apply(string symbol, object? left, object? right) => symbol switch
    {
        "===" => AreIdentical(left, right),
        "!==" => !AreIdentical(left, right),
        "+" when left is string || right is string => Join(left, right),
        "+" => JavaScriptValue.ToNumber(left) + JavaScriptValue.ToNumber(right),
        "-" => JavaScriptValue.ToNumber(left) - JavaScriptValue.ToNumber(right),
        _ => Compare(symbol, left, right),
    };

    /// <summary>Objects and arrays are never identical: every read hands out a fresh one.</summary>
    private static bool AreIdentical(object? left, object? right) => (left, right) switch
    {
        (double a, double b) => a == b,
        (JsonElement, _) or (_, JsonElement) => false,
        _ => Equals(left, right),
    };

    private static string Join(object? left, object? right)
    {
        var joined = JavaScriptValue.ToText(left) + JavaScriptValue.ToText(right);
        return joined.Length <= MaxTextLength
            ? joined
            : throw new ExpressionException($"the text grew beyond {MaxTextLength} characters");
    }

    private static bool Compare(string symbol, object? left, object? right)
    {
        if (left is string a && right is string b)
        {
            var order = string.CompareOrdinal(a, b);
            return symbol switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
        }

        var (x, y) = (JavaScriptValue.ToNumber(left), JavaScriptValue.ToNumber(right));
        return symbol switch { "<" => x < y, "<=" => x <= y, ">" => x > y, _ => x >= y };
    }
}
