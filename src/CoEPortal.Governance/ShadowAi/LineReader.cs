using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Reads lines of logs without allocating: nearly all of them are of no interest.</summary>
/// <param name="format">Of the whole file.</param>
/// <param name="writtenBefore">Of a line without a year: the last such day before this one.</param>
/// <param name="since">Earlier lines do not count.</param>
public sealed class LineReader(LogFormat format, DateTimeOffset writtenBefore, DateTimeOffset since = default)
{
    /// <summary>Bytes of a user or an address.</summary>
    public const int LongestWho = 256;

    internal static readonly long Earliest = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    private readonly long _latest = writtenBefore.AddDays(1).ToUnixTimeMilliseconds();
    private readonly long _since = since.ToUnixTimeMilliseconds();

    public LineFault Read(ReadOnlySpan<byte> line, out LogLine read)
    {
        var fault = format switch
        {
            LogFormat.Squid => Squid(line, out read),
            LogFormat.SquidCommon => Common(line, out read),
            LogFormat.Dnsmasq => Dnsmasq(line, out read),
            _ => Bind(line, out read),
        };
        return fault is not LineFault.None ? fault
            : read.At < Earliest || read.At > _latest ? LineFault.Time
            : read.Host.Length is 0 or > 253 ? LineFault.Host
            : read.Client.Length > LongestWho || read.User.Length > LongestWho ? LineFault.Who
            : read.At < _since ? LineFault.Window
            : LineFault.None;
    }

    private static LineFault Squid(ReadOnlySpan<byte> line, out LogLine read)
    {
        read = default;
        var words = new Words(line);
        var time = words.Next();
        words.Next();
        var client = words.Next();
        var code = words.Next();
        var bytes = words.Next();
        words.Next();
        var url = words.Next();
        var user = words.Next();
        if (time.IsEmpty)
        {
            return LineFault.Other;
        }

        if (user.IsEmpty)
        {
            return LineFault.TooShort;
        }

        if (Epoch(time) is not { } at)
        {
            return LineFault.Time;
        }

        read = new LogLine { At = at, Client = client, User = Named(user), Host = HostOf(url), Bytes = Number(bytes), IsBlocked = code.StartsWith("TCP_DENIED"u8) };
        return LineFault.None;
    }

    private static LineFault Common(ReadOnlySpan<byte> line, out LogLine read)
    {
        read = default;
        var words = new Words(line);
        var client = words.Next();
        words.Next();
        var user = words.Next();
        line = words.Rest;
        if (client.IsEmpty)
        {
            return LineFault.Other;
        }

        var (open, close) = (line.IndexOf((byte)'['), line.IndexOf("] \""u8));
        if (user.IsEmpty || open < 0 || close < open)
        {
            return LineFault.TooShort;
        }

        if (!DateTimeOffset.TryParseExact(Encoding.UTF8.GetString(line[(open + 1)..close]), "d/MMM/yyyy:HH:mm:ss zzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return LineFault.Time;
        }

        var request = new Words(line[(close + 3)..]);
        request.Next();
        var url = request.Next();
        var quote = request.Rest.IndexOf("\" "u8);
        var answer = new Words(quote < 0 ? [] : request.Rest[(quote + 2)..]);
        var status = answer.Next();
        var bytes = answer.Next();
        if (bytes.IsEmpty)
        {
            return LineFault.TooShort;
        }

        read = new LogLine
        {
            At = at.ToUnixTimeMilliseconds(),
            Client = client,
            User = Named(user),
            Host = HostOf(url),
            Bytes = Number(bytes),
            IsBlocked = status.SequenceEqual("403"u8) || line.IndexOf("TCP_DENIED"u8) >= 0,
        };
        return LineFault.None;
    }

    private LineFault Dnsmasq(ReadOnlySpan<byte> line, out LogLine read)
    {
        read = default;
        var (query, from) = (line.IndexOf(": query["u8), line.LastIndexOf(" from "u8));
        if (query < 0)
        {
            return LineFault.Other;
        }

        var host = line[(query + 8)..];
        host = host[(host.IndexOf((byte)']') + 1)..].TrimStart((byte)' ');
        if (from < query || line.Length < 15)
        {
            return LineFault.TooShort;
        }

        // Days of one digit have two spaces before them, and no line has a year.
        var written = Encoding.ASCII.GetString(line[..15]).Replace("  ", " ", StringComparison.Ordinal);
        if (!DateTime.TryParseExact($"{writtenBefore.Year} {written}", "yyyy MMM d HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return LineFault.Time;
        }

        at = at > writtenBefore.UtcDateTime.AddDays(1) ? at.AddYears(-1) : at;
        read = new LogLine { At = new DateTimeOffset(at, TimeSpan.Zero).ToUnixTimeMilliseconds(), Client = new Words(line[(from + 6)..]).Next(), Host = new Words(host).Next() };
        return LineFault.None;
    }

    private static LineFault Bind(ReadOnlySpan<byte> line, out LogLine read)
    {
        read = default;
        var (client, query) = (line.IndexOf("client "u8), line.IndexOf("query: "u8));
        if (query < 0)
        {
            return LineFault.Other;
        }

        if (client < 0 || client > query)
        {
            return LineFault.TooShort;
        }

        var words = new Words(line);
        var day = words.Next();
        var time = words.Next();
        if (!DateTime.TryParseExact(
            $"{Encoding.UTF8.GetString(day)} {Encoding.UTF8.GetString(time)}", ["d-MMM-yyyy HH:mm:ss.fff", "d-MMM-yyyy HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return LineFault.Time;
        }

        var who = new Words(line[(client + 7)..]);
        var address = who.Next();
        address = address.StartsWith("@"u8) ? who.Next() : address;
        var port = address.IndexOf((byte)'#');
        read = new LogLine { At = new DateTimeOffset(at, TimeSpan.Zero).ToUnixTimeMilliseconds(), Client = port < 0 ? address : address[..port], Host = new Words(line[(query + 7)..]).Next() };
        return LineFault.None;
    }

    private static ReadOnlySpan<byte> Named(ReadOnlySpan<byte> user) => user.SequenceEqual("-"u8) ? [] : user;

    private static long Number(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long number, out var used) && used == digits.Length && number > 0 ? number : 0;

    /// <summary>1732355999.123</summary>
    private static long? Epoch(ReadOnlySpan<byte> time)
    {
        if (!Utf8Parser.TryParse(time, out long seconds, out var used) || seconds is < 0 or > 99_999_999_999)
        {
            return null;
        }

        var fraction = used < time.Length && time[used] == '.' ? time[(used + 1)..] : [];
        var milliseconds = 0L;
        for (var i = 0; i < 3; i++)
        {
            milliseconds = milliseconds * 10 + (i < fraction.Length && fraction[i] is >= (byte)'0' and <= (byte)'9' ? fraction[i] - '0' : 0);
        }

        return used == time.Length || fraction.Length > 0 ? seconds * 1000 + milliseconds : null;
    }

    /// <summary><c>host:443</c> of a tunnel, or the host of an address; without the name and password that may stand before it.</summary>
    internal static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> url)
    {
        var scheme = url.IndexOf("://"u8);
        url = scheme < 0 ? url : url[(scheme + 3)..];
        var end = url.IndexOfAny("/?#"u8);
        url = end < 0 ? url : url[..end];
        url = url[(url.LastIndexOf((byte)'@') + 1)..];
        var port = url.StartsWith("["u8) ? -1 : url.IndexOf((byte)':');
        return port < 0 ? url : url[..port];
    }

    /// <summary>The words of a line, one after the other; empty ones when it has ended.</summary>
    private ref struct Words(ReadOnlySpan<byte> line)
    {
        public ReadOnlySpan<byte> Rest { get; private set; } = line;

        public ReadOnlySpan<byte> Next()
        {
            var line = Rest is [(byte)' ', ..] ? Rest.TrimStart((byte)' ') : Rest;
            var end = line.IndexOf((byte)' ');
            Rest = end < 0 ? [] : line[(end + 1)..];
            return end < 0 ? line : line[..end];
        }
    }
}
