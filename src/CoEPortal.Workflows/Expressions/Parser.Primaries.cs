using System.Collections.Immutable;

namespace CoEPortal.Workflows.Expressions;

/// <summary>What an expression starts from: literals, variables, inputs, objects, arrays and parentheses.</summary>
internal sealed partial class Parser
{
    private Syntax ParsePrimary()
    {
        var token = _tokens[_next];
        switch (token.Kind)
        {
            case TokenKind.Number:
                _next++;
                return new Syntax.Constant(token.Number);
            case TokenKind.Text:
                _next++;
                return new Syntax.Constant(token.Text);
            case TokenKind.Name:
                _next++;
                return ParseNamed(token);
            case TokenKind.Symbol when TakeSymbol("("):
                var inner = ParseExpression();
                Expect(")");
                return inner;
            case TokenKind.Symbol when TakeSymbol("{"):
                return ParseObject();
            case TokenKind.Symbol when TakeSymbol("["):
                return ParseArray();
            default:
                throw Unexpected();
        }
    }

    private Syntax ParseNamed(Token name)
    {
        switch (name.Text)
        {
            case "true":
                return new Syntax.Constant(true);
            case "false":
                return new Syntax.Constant(false);
            case "null":
                return new Syntax.Constant(null);
            case "undefined":
                return new Syntax.Constant(Undefined.Value);
            case "variables":
                Expect(".");
                return new Syntax.VariableRead(NotThePrototype(TakeAnyName()));
            case "getInput":
                Expect("(");
                if (Current.Kind is not TokenKind.Text)
                {
                    throw new ExpressionException($"getInput at position {name.Position + 1} needs the name of an input in quotes");
                }

                var input = _tokens[_next++].Text;
                Expect(")");
                return new Syntax.InputRead(input);
            case ['g', 'e', 't', _, ..] getter when IsSymbol("("):
                Expect("(");
                Expect(")");
                return new Syntax.VariableRead(NotThePrototype(getter[3..]));
            default:
                throw new ExpressionException(
                    $"'{name.Text}' at position {name.Position + 1} is outside the supported JavaScript; read variables with getX() and inputs with getInput(\"X\")");
        }
    }

    private Syntax.ObjectLiteral ParseObject()
    {
        var members = ImmutableArray.CreateBuilder<(string, Syntax)>();
        while (!TakeSymbol("}"))
        {
            var name = Current.Kind is TokenKind.Name or TokenKind.Text ? _tokens[_next++].Text : throw Unexpected();
            Expect(":");
            members.Add((NotThePrototype(name), ParseExpression()));
            if (!IsSymbol("}"))
            {
                Expect(",");
            }
        }

        return new Syntax.ObjectLiteral(members.ToImmutable());
    }

    private Syntax.ArrayLiteral ParseArray()
    {
        var items = ImmutableArray.CreateBuilder<Syntax>();
        while (!TakeSymbol("]"))
        {
            items.Add(ParseExpression());
            if (!IsSymbol("]"))
            {
                Expect(",");
            }
        }

        return new Syntax.ArrayLiteral(items.ToImmutable());
    }
}
