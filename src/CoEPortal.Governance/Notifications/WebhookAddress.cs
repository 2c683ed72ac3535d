using System.Net;
using CoEPortal.Governance.Access;

namespace CoEPortal.Governance.Notifications;

/// <summary>Where a name leads, as the machine that will call it sees it.</summary>
public delegate Task<IPAddress[]> LookUpHost(string host, CancellationToken cancellation);

/// <summary>The address of an incoming webhook as somebody entered it. Whoever knows it can write to the channel, so it is a secret.</summary>
public static class WebhookAddress
{
    public const int Longest = 1000;

    private static readonly string[] LocalEndings = [".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa", ".corp"];

    /// <exception cref="RuleViolationException">It is no address that is ever called; the message does not repeat it.</exception>
    public static Uri Parse(string text)
    {
        text = text.Trim();
        Refuse.If(text.Length == 0, "webhook-required", "Paste the address of the incoming webhook, as Slack or Teams shows it.");
        Refuse.If(text.Length > Longest, "webhook-too-long", $"An address of a webhook has at most {Longest:N0} characters.");
        Refuse.If(
            !Uri.TryCreate(text, UriKind.Absolute, out var address) || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)), "webhook-not-an-address",
            "This is no address of a webhook. It begins with https://.");
        Refuse.If(address.Scheme != Uri.UriSchemeHttps, "webhook-not-https", "Only https is called: on the way, anybody could read the address and write to the channel.");
        Refuse.If(!address.IsDefaultPort, "webhook-port", "Webhooks of Slack and Teams answer on port 443. Another port is not called.");
        Refuse.If(address.UserInfo.Length > 0, "webhook-with-a-password", "An address of a webhook has no user and no password in it.");
        Refuse.If(address.Fragment.Length > 0, "webhook-not-an-address", "This is no address of a webhook: it has a # in it.");
        var host = address.IdnHost.TrimEnd('.').ToLowerInvariant();
        if (address.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
        {
            DemandPublic([IPAddress.Parse(address.Host)], "This address");
        }
        else
        {
            Refuse.If(
                address.HostNameType is not UriHostNameType.Dns || !host.Contains('.', StringComparison.Ordinal) || LocalEndings.Any(e => host.EndsWith(e, StringComparison.Ordinal)),
                "webhook-not-public", $"{host} is a name within this network, and only addresses of the public internet are called.");
        }

        return address;
    }

    /// <exception cref="RuleViolationException">The name leads nowhere, or to an address that is not public.</exception>
    public static async Task DemandReachableAsync(Uri address, LookUpHost lookUp, CancellationToken cancellation)
    {
        IPAddress[] found;
        try
        {
            found = await lookUp(address.IdnHost, cancellation);
        }
        catch (System.Net.Sockets.SocketException)
        {
            found = [];
        }

        Refuse.If(found.Length == 0, "webhook-unknown-host", $"{address.IdnHost} leads nowhere from this portal. Look whether the address is right and whether the portal may ask for names.");
        DemandPublic(found, address.IdnHost);
    }

    // All of them: which one is called is not ours to choose.
    private static void DemandPublic(IEnumerable<IPAddress> addresses, string name) =>
        Refuse.If(!addresses.All(PublicAddress.Is), "webhook-not-public", $"{name} leads into this network (a private, loopback, link-local or reserved address), and only addresses of the public internet are called.");
}
