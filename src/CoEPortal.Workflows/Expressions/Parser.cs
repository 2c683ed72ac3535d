namespace CoEPortal.Workflows.Expressions;

/// <summary>
/// Recursive descent over the JavaScript subset: literals, <c>getX()</c>, <c>variables.X</c>, <c>getInput("X")</c>,
/// members, <c>=== !== &lt; &lt;= &gt; &gt;= &amp;&amp; || ! ?: + -</c>, parentheses and an optional <c>return …;</c>.
/// No statement, no call of anything else: what is parsed here can neither loop nor reach the host.
/// </summary>
internal sealed partial class Parser
{
    private const int MaxLength = DefinitionJson.MaxExpressionLength;
    public const int MaxDepth = 64;

    /// <summary>A long chain of operators is as deep a tree as nested parentheses.</summary>
    public const int MaxTokens = 1_000;

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

        var tokens = new Lexer(source).ReadAll();
        return tokens.Count <= MaxTokens
            ? new Parser(tokens).ParseAll()
            : throw new ExpressionException($"the expression has {tokens.Count} parts; at most {MaxTokens} are read");
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
                target = new Syntax.Member(target, new Syntax.Constant(NotThePrototype(TakeAnyName())));
            }
            else if (TakeSymbol("["))
            {
                var name = ParseExpression();
                Expect("]");
                target = new Syntax.Member(target, name is Syntax.Constant { Value: string text } ? new Syntax.Constant(NotThePrototype(text)) : name);
            }
            else
            {
                return target;
            }
        }
    }

    /// <summary>In a full JavaScript engine these lead out of the data; here they would be members like any other, which is worse to find.</summary>
    private static string NotThePrototype(string name) => name is "__proto__" or "constructor" or "prototype"
        ? throw new ExpressionException($"'{name}' is outside the supported JavaScript; call the member something else")
        : name;

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
