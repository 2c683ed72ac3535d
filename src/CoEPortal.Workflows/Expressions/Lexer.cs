using System.Globalization;
using System.Text;

namespace CoEPortal.Workflows.Expressions;

internal enum TokenKind
{
    Name,
    Number,
    Text,
    Symbol,
    End,
}

/// <param name="Text">The name, the symbol, or the text with its escapes resolved.</param>
internal readonly record struct Token(TokenKind Kind, string Text, double Number, int Position);

/// <summary>Splits JavaScript source into the tokens the subset knows.</summary>
internal sealed class Lexer(string source)
{
    // Longest first. Operators outside the subset are listed so that the refusal names them whole.
    private static readonly string[] Symbols =
    [
        "===", "!==", ">>>", "**=", "...", "=>", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "<<", ">>", "**",
        "<", ">", "!", "?", ":", "+", "-", "(", ")", "{", "}", "[", "]", ",", ".", ";",
    ];

    private int _position;

    public List<Token> ReadAll()
    {
        var tokens = new List<Token>();
        do
        {
            tokens.Add(Next());
        }
        while (tokens[^1].Kind is not TokenKind.End);

        return tokens;
    }

    private Token Next()
    {
        while (_position < source.Length && char.IsWhiteSpace(source[_position]))
        {
            _position++;
        }

        var start = _position;
        if (start == source.Length)
        {
            return new Token(TokenKind.End, "", 0, start);
        }

        var first = source[start];
        if (char.IsAsciiLetter(first) || first is '_' or '$')
        {
            return ReadName(start);
        }

        if (char.IsAsciiDigit(first))
        {
            return ReadNumber(start);
        }

        if (first is '"' or '\'')
        {
            return ReadText(start, first);
        }

        var symbol = Array.Find(Symbols, s => string.CompareOrdinal(source, start, s, 0, s.Length) == 0)
            ?? throw new ExpressionException($"'{first}' at position {start + 1} is outside the supported JavaScript");
        _position += symbol.Length;
        return new Token(TokenKind.Symbol, symbol, 0, start);
    }

    private Token ReadName(int start)
    {
        while (_position < source.Length && (char.IsAsciiLetterOrDigit(source[_position]) || source[_position] is '_' or '$'))
        {
            _position++;
        }

        return new Token(TokenKind.Name, source[start.._position], 0, start);
    }

    private Token ReadNumber(int start)
    {
        SkipDigits();
        if (_position + 1 < source.Length && source[_position] == '.' && char.IsAsciiDigit(source[_position + 1]))
        {
            _position++;
            SkipDigits();
        }

        if (_position < source.Length && source[_position] is 'e' or 'E')
        {
            _position++;
            if (_position < source.Length && source[_position] is '+' or '-')
            {
                _position++;
            }

            SkipDigits();
        }

        var text = source[start.._position];
        // "012" is octal in old JavaScript and an error in strict code.
        var isWritten = text.Length == 1 || text[0] != '0' || !char.IsAsciiDigit(text[1]);
        return isWritten && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? new Token(TokenKind.Number, text, number, start)
            : throw new ExpressionException($"'{text}' at position {start + 1} is not a number");
    }

    private void SkipDigits()
    {
        while (_position < source.Length && char.IsAsciiDigit(source[_position]))
        {
            _position++;
        }
    }

    private Token ReadText(int start, char quote)
    {
        var text = new StringBuilder();
        for (_position++; _position < source.Length; _position++)
        {
            var current = source[_position];
            if (current == quote)
            {
                _position++;
                return new Token(TokenKind.Text, text.ToString(), 0, start);
            }

            if (current is '\n' or '\r')
            {
                break;
            }

            text.Append(current == '\\' ? ReadEscape() : current);
        }

        throw new ExpressionException($"the text starting at position {start + 1} does not end");
    }

    private char ReadEscape()
    {
        _position++;
        var escape = _position < source.Length ? source[_position] : '\0';
        switch (escape)
        {
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case 'r':
                return '\r';
            case '"' or '\'' or '\\' or '/':
                return escape;
            case 'u' when _position + 4 < source.Length
                && ushort.TryParse(source.AsSpan(_position + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                _position += 4;
                return (char)code;
            default:
                throw new ExpressionException($"the escape at position {_position} is outside the supported JavaScript");
        }
    }
}
