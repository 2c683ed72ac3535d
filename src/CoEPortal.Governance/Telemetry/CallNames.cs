using System.Security.Cryptography;
using System.Text;

namespace CoEPortal.Governance.Telemetry;

/// <summary>How surely a name names a call.</summary>
internal enum NameKind
{
    /// <summary>The event itself: sent again, it is the same.</summary>
    Own,

    /// <summary>An id that both sides were given.</summary>
    Id,

    /// <summary>The span that called, which may have called more than once.</summary>
    Parent,
}

/// <summary>A name of a call, as a hash.</summary>
internal readonly record struct CallName(Guid Alias, NameKind Kind);

/// <summary>
/// The names under which different senders know one call: its own event, the provider's id of the answer and the
/// gateway's of the call (LiteLLM uses either as its id, so they share a namespace), and for a gateway the span that
/// called it.
/// </summary>
internal static class CallNames
{
    public static List<CallName> Of(ReportedCall call)
    {
        var names = new List<CallName>(3) { new(AliasOf(OwnName(call)), NameKind.Own) };
        Add("id:", call.ResponseId);
        Add("id:", call.GatewayCallId == call.ResponseId ? null : call.GatewayCallId);
        if (call is { IsOfGateway: true, TraceId: not null, ParentSpanId: not null })
        {
            names.Add(new(AliasOf($"otlp:{call.TraceId}:{call.ParentSpanId}"), NameKind.Parent));
        }

        return names;

        void Add(string kind, string? id)
        {
            if (!string.IsNullOrEmpty(id))
            {
                names.Add(new(AliasOf(kind + id), NameKind.Id));
            }
        }
    }

    private static string OwnName(ReportedCall call) =>
        call.SourceEventId.StartsWith(call.Source + ":", StringComparison.Ordinal) ? call.SourceEventId : $"{call.Source}:{call.SourceEventId}";

    /// <summary>What <c>telemetry.alias_of</c> of the database says of the same name.</summary>
    internal static Guid AliasOf(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return new Guid(hash[..16], bigEndian: true);
    }
}
