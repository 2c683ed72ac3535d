using System.Globalization;
using System.Runtime.CompilerServices;

namespace CoEPortal.Governance.Access;

/// <summary>What the compiler makes of <c>$"…"</c> in <see cref="Refuse"/>: nothing, unless the condition holds.</summary>
[InterpolatedStringHandler]
public ref struct RefusalMessage
{
    private DefaultInterpolatedStringHandler _text;

    public RefusalMessage(int literalLength, int formattedCount, bool condition, out bool isWanted)
    {
        isWanted = condition;
        if (condition)
        {
            _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture);
        }
    }

    public void AppendLiteral(string text) => _text.AppendLiteral(text);

    public void AppendFormatted<T>(T value, string? format = null) => _text.AppendFormatted(value, format);

    internal string ToStringAndClear() => _text.ToStringAndClear();
}
