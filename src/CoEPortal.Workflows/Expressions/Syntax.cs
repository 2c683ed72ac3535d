using System.Collections.Immutable;

namespace CoEPortal.Workflows.Expressions;

/// <summary>Syntax tree of the JavaScript subset.</summary>
internal abstract record Syntax
{
    private Syntax()
    {
    }

    /// <summary>A number, text, true, false, null or undefined.</summary>
    public sealed record Constant(object? Value) : Syntax;

    /// <summary><c>getName()</c>, <c>variables.Name</c>.</summary>
    public sealed record VariableRead(string Name) : Syntax;

    /// <summary><c>getInput("Name")</c>.</summary>
    public sealed record InputRead(string Name) : Syntax;

    public sealed record Member(Syntax Target, Syntax Name) : Syntax;

    public sealed record Unary(string Operator, Syntax Operand) : Syntax;

    public sealed record Binary(string Operator, Syntax Left, Syntax Right) : Syntax;

    public sealed record Conditional(Syntax Condition, Syntax WhenTrue, Syntax WhenFalse) : Syntax;

    public sealed record ObjectLiteral(ImmutableArray<(string Name, Syntax Value)> Members) : Syntax;

    public sealed record ArrayLiteral(ImmutableArray<Syntax> Items) : Syntax;

    /// <summary>This node and everything below it.</summary>
    public IEnumerable<Syntax> Descend()
    {
        var stack = new Stack<Syntax>([this]);
        while (stack.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.Children())
            {
                stack.Push(child);
            }
        }
    }

    private IEnumerable<Syntax> Children() => this switch
    {
        Member member => [member.Target, member.Name],
        Unary unary => [unary.Operand],
        Binary binary => [binary.Left, binary.Right],
        Conditional conditional => [conditional.Condition, conditional.WhenTrue, conditional.WhenFalse],
        ObjectLiteral literal => literal.Members.Select(m => m.Value),
        ArrayLiteral literal => literal.Items,
        _ => [],
    };
}
