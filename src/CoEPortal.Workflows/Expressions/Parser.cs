using System.Collections.Immutable;

namespace CoEPortal.Workflows.Expressions;

/// <summary>
/// Recursive descent over the JavaScript subset: literals, <c>getX()</c>, <c>variables.X</c>, <c>getInput("X")</c>,
/// members, <c>=== !== &lt; &lt;= &gt; &gt;= &amp;&amp; || ! ?: + -</c>, parentheses and an optional <c>return …;</c>.
/// No statement, no call of anything else: what is parsed here can neither loop nor reach the host.
/// </summary>
internal sealed class Parser
{
    public const int MaxLength = 4_096;
    public const int MaxDepth = 64;

    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;

    private Parser(List<Token> tokens) => _tokens = tokens;

    public static Syntax Parse(string source)
    {
        if (source.Length > MaxLength)
        {
            throw new ExpressionException($"the expression has {source.Length} characters; at most {MaxLength} are read");
        }

        return new Parser(new Lexer(source).ReadAll()).ParseAll();
    }

    private Token Current => _tokens[_next];

    private Syntax ParseAll()
    {
        var returns = TakeName("return");
        if (!returns && IsSymbol("{"))
        {
            throw new ExpressionException("an expression that starts with '{' is a block in JavaScript; put the object in parentheses");
        }

        var expression = ParseExpression();
        while (TakeSymbol(";"))
        {
        }

        return Current.Kind is TokenKind.End ? expression : throw Unexpected();
    }

    private Syntax ParseExpression()
    {
        if (++_depth > MaxDepth)
        {
            throw new ExpressionException($"the expression nests deeper than {MaxDepth}");
        }

        var condition = ParseBinary(0);
        if (TakeSymbol("?"))
        {
            var whenTrue = ParseExpression();
            Expect(":");
            condition = new Syntax.Conditional(condition, whenTrue, ParseExpression());
        }

        _depth--;
        return condition;
    }

    private static readonly string[][] Precedence = [["||"], ["&&"], ["===", "!=="], ["<", "<=", ">", ">="], ["+", "-"]];

    private Syntax ParseBinary(int level)
    {
        if (level == Precedence.Length)
        {
            return ParseUnary();
        }

        var left = ParseBinary(level + 1);
        while (Current.Kind is TokenKind.Symbol && Precedence[level].Contains(Current.Text))
        {
            var symbol = _tokens[_next++].Text;
            left = new Syntax.Binary(symbol, left, ParseBinary(level + 1));
        }

        return left;
    }

    private Syntax ParseUnary()
    {
        if (!IsSymbol("!") && !IsSymbol("-") && !IsSymbol("+"))
        {
            return ParseMembers();
        }

        if (++_depth > MaxDepth)
        {
            throw new ExpressionException($"the expression nests deeper than {MaxDepth}");
        }

        var symbol = _tokens[_next++].Text;
        var operand = ParseUnary();
        _depth--;
        return new Syntax.Unary(symbol, operand);
    }

    private Syntax ParseMembers()
    {
        var target = ParsePrimary();
        while (true)
        {
            if (TakeSymbol("."))
            {
                target = new Syntax.Member(target, new Syntax.Constant(TakeAnyName()));
            }
            else if (TakeSymbol("["))
            {
                target = new Syntax.Member(target, ParseExpression());
                Expect("]");
            }
            else
            {
                return target;
            }
        }
    }

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
                return new Syntax.VariableRead(TakeAnyName());
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
                return new Syntax.VariableRead(getter[3..]);
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
            members.Add((name, ParseExpression()));
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

    private string TakeAnyName() => Current.Kind is TokenKind.Name ? _tokens[_next++].Text : throw Unexpected();

    private bool TakeName(string name)
    {
        var found = Current.Kind is TokenKind.Name && Current.Text == name;
        _next += found ? 1 : 0;
        return found;
    }

    private bool IsSymbol(string symbol) => Current.Kind is TokenKind.Symbol && Current.Text == symbol;

    private bool TakeSymbol(string symbol)
    {
        var found = IsSymbol(symbol);
        _next += found ? 1 : 0;
        return found;
    }

    private void Expect(string symbol)
    {
        if (!TakeSymbol(symbol))
        {
            throw Unexpected($"; expected '{symbol}'");
        }
    }

    private ExpressionException Unexpected(string expected = "") => Current.Kind is TokenKind.End
        ? new ExpressionException($"the expression ends too early{expected}")
        : new ExpressionException($"'{Current.Text}' at position {Current.Position + 1} is outside the supported JavaScript{expected}");
}
