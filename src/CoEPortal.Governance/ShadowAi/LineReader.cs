using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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

    private static readonly SearchValues<byte> AfterHost = SearchValues.Create("/?#:@["u8);

    private readonly long _latest = writtenBefore.AddDays(1).ToUnixTimeMilliseconds();
    private readonly long _since = since.ToUnixTimeMilliseconds();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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

    /// <summary>Of a gigabyte all lines are read so: the edges of its words at once, and no more of it than is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static LineFault Squid(ReadOnlySpan<byte> line, out LogLine read)
    {
        const int wanted = 8;
        Span<int> edges = stackalloc int[2 * wanted];
        var words = Words.Edges(line, edges) / 2;
        read = default;
        if (words < wanted)
        {
            return words == 0 ? LineFault.Other : LineFault.TooShort;
        }

        if (Epoch(line[edges[0]..edges[1]]) is not { } at)
        {
            return LineFault.Time;
        }

        read = new LogLine
        {
            At = at,
            Client = line[edges[4]..edges[5]],
            IsBlocked = line[edges[6]..edges[7]].StartsWith("TCP_DENIED"u8),
            Bytes = Number(line[edges[8]..edges[9]]),
            Host = HostOf(line[edges[12]..edges[13]]),
            User = Named(line[edges[14]..edges[15]]),
        };
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

    private static long Number(ReadOnlySpan<byte> digits) => Digits(digits, out var number) == digits.Length ? number : 0;

    /// <summary>1732355999.123</summary>
    private static long? Epoch(ReadOnlySpan<byte> time)
    {
        var used = Digits(time, out var seconds);
        if (used == 0 || seconds > 99_999_999_999)
        {
            return null;
        }

        var fraction = used < time.Length && time[used] == '.' ? time[(used + 1)..] : [];
        var milliseconds = 0L;
        for (var i = 0; i < 3; i++)
        {
            milliseconds = milliseconds * 10 + (i < fraction.Length && char.IsAsciiDigit((char)fraction[i]) ? fraction[i] - '0' : 0);
        }

        return used == time.Length || fraction.Length > 0 ? seconds * 1000 + milliseconds : null;
    }

    /// <returns>How many digits the text begins with: at most as many as a number has room for.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Digits(ReadOnlySpan<byte> text, out long number)
    {
        const int most = 18;
        number = 0;
        var used = 0;
        while (used < text.Length && used < most && char.IsAsciiDigit((char)text[used]))
        {
            number = number * 10 + (text[used++] - '0');
        }

        return used;
    }

    /// <summary><c>host:443</c> of a tunnel, or the host of an address; without the name and password that may stand before it.</summary>
    internal static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> url)
    {
        var stop = url.IndexOfAny(AfterHost);
        if (stop >= 0 && url[stop..].StartsWith("://"u8))
        {
            url = url[(stop + 3)..];
            stop = url.IndexOfAny(AfterHost);
        }

        if (stop < 0 || url[stop] is (byte)'/' or (byte)'?' or (byte)'#' || url[stop] == ':' && url.IndexOf((byte)'@') < 0)
        {
            return stop < 0 ? url : url[..stop];
        }

        var end = url.IndexOfAny("/?#"u8);
        url = end < 0 ? url : url[..end];
        url = url[(url.LastIndexOf((byte)'@') + 1)..];
        var port = url.StartsWith("["u8) ? -1 : url.IndexOf((byte)':');
        return port < 0 ? url : url[..port];
    }

    /// <summary>The words of a line, one after the other; empty ones when it has ended.</summary>
    private ref struct Words(ReadOnlySpan<byte> line)
    {
        /// <summary>Where words begin and end, in turn, as many as there is room for; 32 bytes are looked at together.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static int Edges(ReadOnlySpan<byte> line, Span<int> edges)
        {
            var (found, at, before) = (0, 0, 1u);
            for (; at + Vector256<byte>.Count <= line.Length; at += Vector256<byte>.Count)
            {
                var spaces = Vector256.Equals(Vector256.Create(line.Slice(at, Vector256<byte>.Count)), Vector256.Create((byte)' ')).ExtractMostSignificantBits();
                for (var changes = spaces ^ (spaces << 1 | before); changes != 0; changes &= changes - 1)
                {
                    edges[found++] = at + BitOperations.TrailingZeroCount(changes);
                    if (found == edges.Length)
                    {
                        return found;
                    }
                }

                before = spaces >> 31;
            }

            for (; at < line.Length; at++)
            {
                var space = line[at] == ' ' ? 1u : 0u;
                if (space != before)
                {
                    edges[found++] = at;
                    if (found == edges.Length)
                    {
                        return found;
                    }
                }

                before = space;
            }

            if (before == 0)
            {
                edges[found++] = line.Length;
            }

            return found;
        }

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
