using System.Globalization;
using CoEPortal.Enforcement.Ingest;

namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// Reads attributes as what they should be and remembers the first that is not. A bad number is a reason to reject
/// the span and tell its sender, not to count it as zero. Reasons never quote the value.
/// </summary>
internal sealed class CheckedAttributes(OtlpAttributes attributes)
{
    public const int LongestText = 200;
    private const long MostTokens = 1_000_000_000;
    private const decimal HighestCost = 1_000_000m;
    private const int StoredDecimals = 12;
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Why the span is to be rejected; null as long as nothing was wrong.</summary>
    public string? Fault { get; private set; }

    /// <summary>Something outside the attributes is wrong; the first fault stands.</summary>
    public void Reject(string reason) => Fault ??= reason;

    public string? Text(CallAttribute meaning, string called) => Text(attributes[meaning], called);

    /// <summary>Numbers are texts too: some SDKs send error.type as an integer.</summary>
    public string? Text(OtlpValue value, string called)
    {
        switch (value.Kind)
        {
            case OtlpValueKind.Absent:
                return null;
            case OtlpValueKind.Whole:
                return value.Whole.ToString(CultureInfo.InvariantCulture);
            case OtlpValueKind.TooLong:
                Reject($"{called} is longer than {LongestText} characters");
                return null;
            case OtlpValueKind.Text when value.Text!.Length > LongestText:
                Reject($"{called} is longer than {LongestText} characters");
                return null;
            // PostgreSQL refuses NUL in a text: one such span would fail the whole batch when it is stored.
            case OtlpValueKind.Text when value.Text.Any(char.IsControl):
                Reject($"{called} contains control characters");
                return null;
            case OtlpValueKind.Text:
                return Secrets.Redact(value.Text!);
            default:
                Reject($"{called} is not a text");
                return null;
        }
    }

    public long? Tokens(CallAttribute meaning, string called)
    {
        var value = attributes[meaning];
        if (value.Kind is OtlpValueKind.Absent)
        {
            return null;
        }
        if (Number(value) is not { } number || !decimal.IsInteger(number))
        {
            Reject($"{called} is not a whole number");
            return null;
        }
        if (number is < 0 or > MostTokens)
        {
            Reject($"{called} is not between 0 and {MostTokens.ToString("N0", CultureInfo.InvariantCulture)}");
            return null;
        }
        return (long)number;
    }

    public decimal? Cost(CallAttribute meaning, string called)
    {
        var value = attributes[meaning];
        if (value.Kind is OtlpValueKind.Absent)
        {
            return null;
        }
        if (Number(value) is not { } cost || cost is < 0 or > HighestCost)
        {
            Reject($"{called} is not an amount of US dollars");
            return null;
        }
        return decimal.Round(cost, StoredDecimals);
    }

    public TimeSpan? Seconds(CallAttribute meaning, string called)
    {
        var value = attributes[meaning];
        if (value.Kind is OtlpValueKind.Absent)
        {
            return null;
        }
        if (Number(value) is not { } seconds || seconds < 0 || seconds > (decimal)LongestWait.TotalSeconds)
        {
            Reject($"{called} is not a length of time in seconds");
            return null;
        }
        return TimeSpan.FromMicroseconds((double)(seconds * 1_000_000));
    }

    /// <summary>Null for what is not a number, NaN included. A decimal, so that cents stay cents.</summary>
    private static decimal? Number(OtlpValue value)
    {
        switch (value.Kind)
        {
            case OtlpValueKind.Whole:
                return value.Whole;
            // beyond this a conversion to decimal overflows; nothing we read comes near
            case OtlpValueKind.Real when Math.Abs(value.Real) < 1e28:
                return (decimal)value.Real;
            case OtlpValueKind.Text
                when decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number):
                return number;
            default:
                return null;
        }
    }
}
