using System.Net;
using System.Net.Sockets;

namespace CoEPortal.Governance.Notifications;

/// <summary>
/// Whether an address is of the public internet. A webhook is an address that somebody enters and the portal then calls from
/// inside the network: only what anybody could call as well is called. From the special-purpose registries of IANA (RFC 6890).
/// </summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // the metadata and wire server of Azure, public in form only
            "168.63.129.16/32",
        }.Select(n => IPNetwork.Parse(n)),
    ];

    // What global unicast (2000::/3) holds that is no host of its own: documentation, benchmarks, ORCHID, Teredo, 6to4, segment routing.
    private static readonly IPNetwork[] NotPublic6 = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(n => IPNetwork.Parse(n))];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => !Array.Exists(NotPublic, n => n.Contains(address)),
            AddressFamily.InterNetworkV6 => Global6.Contains(address) && !Array.Exists(NotPublic6, n => n.Contains(address)),
            _ => false,
        };
    }
}
