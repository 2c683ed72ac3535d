namespace CoEPortal.Governance.ShadowAi;

/// <summary>How a line of a proxy or name server's log is written.</summary>
public enum LogFormat
{
    /// <summary>Squid's own: <c>time elapsed client code/status bytes method url user …</c></summary>
    Squid,

    /// <summary>Squid as web servers write: <c>client - user [time] "method url version" status bytes …</c></summary>
    SquidCommon,

    /// <summary><c>Nov 23 10:00:00 dnsmasq[1]: query[A] host from client</c></summary>
    Dnsmasq,

    /// <summary><c>23-Nov-2026 10:00:00.123 client @0x1 client#port (host): query: host IN A</c></summary>
    Bind,
}

/// <summary>Why a line says nothing.</summary>
public enum LineFault
{
    None,

    /// <summary>Not a request: an answer of a name server, an empty line.</summary>
    Other,

    TooLong,
    TooShort,
    Time,
    Host,

    /// <summary>A user or an address that is longer than any.</summary>
    Who,

    /// <summary>Before the first day that counts.</summary>
    Window,

    /// <summary>An amount that is none.</summary>
    Amount,

    /// <summary>Another currency than the rest.</summary>
    Currency,

    /// <summary>Quotes that do not fit, or cells that are missing.</summary>
    Cells,
}

/// <summary>One request, as spans of its line.</summary>
/// <remarks>Good until the line is.</remarks>
public readonly ref struct LogLine
{
    public ReadOnlySpan<byte> Client { get; init; }

    /// <summary>Empty when nobody signed in to the proxy.</summary>
    public ReadOnlySpan<byte> User { get; init; }

    public ReadOnlySpan<byte> Host { get; init; }

    /// <summary>Milliseconds since 1970, UTC.</summary>
    public long At { get; init; }

    /// <summary>Sent to the client.</summary>
    public long Bytes { get; init; }

    public bool IsBlocked { get; init; }

    /// <summary>Of a list of applications or bookings, which names what was used and has no host.</summary>
    public ReadOnlySpan<byte> Tool { get; init; }

    /// <summary>Where the log itself says so; else it is looked up.</summary>
    public ReadOnlySpan<byte> Department { get; init; }

    public decimal Cost { get; init; }
}
