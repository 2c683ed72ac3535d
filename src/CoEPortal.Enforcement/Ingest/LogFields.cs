using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoEPortal.Enforcement.Otlp;

namespace CoEPortal.Enforcement.Ingest;

/// <summary>
/// Reads named fields of a log as what they should be and remembers the first that is not; everything else in the log is
/// never looked at, so content and secrets cannot get through. What is missing or null is null. Reasons never quote a value.
/// </summary>
internal sealed class LogFields
{
    private const long MostTokens = 1_000_000_000;
    private const decimal HighestCost = 1_000_000m;
    private static readonly TimeSpan LongestCall = TimeSpan.FromDays(1);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(24);
    private static readonly DateTimeOffset Earliest = new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly JsonElement _log;

    public LogFields(JsonElement log) => _log = log;

    /// <summary>Why the call is to be rejected; null as long as nothing was wrong.</summary>
    public string? Fault { get; private set; }

    public void Reject(string reason) => Fault ??= reason;

    /// <summary>A text or number under a path such as <c>response.json.id</c>; at most 200 characters, no control characters.</summary>
    public string? Text(string path)
    {
        var value = Find(path);
        var text = value?.ValueKind switch
        {
            JsonValueKind.String => value.Value.GetString(),
            JsonValueKind.Number => value.Value.GetRawText(),
            _ => null,
        };
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Length > CheckedAttributes.LongestText || text.Any(char.IsControl))
        {
            Reject($"{path} is longer than {CheckedAttributes.LongestText} characters or contains control characters");
            return null;
        }

        return Secrets.Redact(text);
    }

    public long? Tokens(string path)
    {
        if (Number(path) is not { } number)
        {
            return null;
        }

        if (number is < 0 or > MostTokens || !decimal.IsInteger(number))
        {
            Reject($"{path} is not a number of tokens");
            return null;
        }

        return (long)number;
    }

    /// <summary>US dollars.</summary>
    public decimal? Cost(string path)
    {
        if (Number(path) is not { } cost)
        {
            return null;
        }

        if (cost is < 0 or > HighestCost)
        {
            Reject($"{path} is not an amount of US dollars");
            return null;
        }

        return decimal.Round(cost, 12);
    }

    public TimeSpan? Length(string path, decimal secondsInUnit)
    {
        if (Number(path) is not { } length)
        {
            return null;
        }

        if (length < 0 || length * secondsInUnit > (decimal)LongestCall.TotalSeconds)
        {
            Reject($"{path} is not a length of time");
            return null;
        }

        return TimeSpan.FromTicks((long)(length * secondsInUnit * TimeSpan.TicksPerSecond));
    }

    /// <summary>
    /// An instant: ISO 8601 (UTC when it names no zone), or a number since 1970. What counts milliseconds, as Kong does, or
    /// seconds, as LiteLLM does, is told from its size: both mean the same only in January 1970.
    /// </summary>
    public DateTimeOffset? Instant(string path, DateTimeOffset now)
    {
        var value = Find(path);
        DateTimeOffset? at = null;
        if (value is null or { ValueKind: JsonValueKind.Null })
        {
            return null;
        }

        if (value.Value.ValueKind is JsonValueKind.String
            && DateTimeOffset.TryParse(value.Value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var written))
        {
            at = written;
        }
        else if (Number(path) is { } number and > 0 and < 100_000_000_000_000m)
        {
            at = DateTimeOffset.UnixEpoch.AddTicks((long)(number * (number > 100_000_000_000m ? TimeSpan.TicksPerMillisecond : TimeSpan.TicksPerSecond)));
        }

        if (at is not { } instant || instant < Earliest || instant > now + ClockTolerance)
        {
            Reject($"{path} is not an instant between 2015 and tomorrow");
            return null;
        }

        return new DateTimeOffset(instant.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
    }

    /// <summary>As <see cref="Instant"/>, for what is only worth having when it makes sense.</summary>
    public DateTimeOffset? LikelyInstant(string path, DateTimeOffset now)
    {
        var probe = new LogFields(_log);
        var at = probe.Instant(path, now);
        return probe.Fault is null ? at : null;
    }

    /// <summary>As <see cref="Text"/>, for what is only worth having when it makes sense.</summary>
    public string? LikelyText(string path) => new LogFields(_log).Text(path);

    /// <summary>Names a log that names itself by nothing: the same log, sent again, has the same.</summary>
    public string Digest() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_log.GetRawText())));

    /// <summary>The elements of an array of texts that fit, at most <paramref name="most"/>.</summary>
    public IEnumerable<string> Texts(string path, int most) => Find(path) is { ValueKind: JsonValueKind.Array } array
        ? array.EnumerateArray().Where(e => e.ValueKind is JsonValueKind.String).Take(most).Select(e => e.GetString()!)
            .Where(t => t.Length <= CheckedAttributes.LongestText && !t.Any(char.IsControl)).Select(Secrets.Redact)
        : [];

    public bool Has(string path) => Find(path) is { ValueKind: not JsonValueKind.Null };

    /// <summary>The elements of an array of objects, at most <paramref name="most"/>.</summary>
    public IEnumerable<JsonElement> Elements(string path, int most) => Find(path) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Where(e => e.ValueKind is JsonValueKind.Object).Take(most),
        { ValueKind: JsonValueKind.Object } single => [single],
        _ => [],
    };

    /// <summary>Null for what is missing; NaN, infinities and texts that are no number are faults.</summary>
    private decimal? Number(string path)
    {
        switch (Find(path))
        {
            case null or { ValueKind: JsonValueKind.Null }:
            case { ValueKind: JsonValueKind.String } empty when empty.GetString() is "" or "-":
                return null;
            case { ValueKind: JsonValueKind.Number } number when number.TryGetDecimal(out var value):
                return value;
            case { ValueKind: JsonValueKind.String } text when decimal.TryParse(text.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value):
                return value;
            default:
                Reject($"{path} is not a number");
                return null;
        }
    }

    private JsonElement? Find(string path)
    {
        var found = _log;
        foreach (var part in path.Split('.'))
        {
            if (found.ValueKind is not JsonValueKind.Object || !found.TryGetProperty(part, out found))
            {
                return null;
            }
        }

        return found;
    }
}
