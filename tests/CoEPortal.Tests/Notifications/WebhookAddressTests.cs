using System.Net;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Notifications;

namespace CoEPortal.Tests.Notifications;

public sealed class WebhookAddressTests
{
    [Theory]
    [InlineData("https://hooks.slack.com/services/T0/B0/secret")]
    [InlineData(" https://prod-12.westeurope.logic.azure.com:443/workflows/abc/triggers/manual/paths/invoke?sig=x ")]
    [InlineData("https://93.184.215.14/hook")]
    [InlineData("https://[2606:4700:4700::1111]/hook")]
    public void A_public_https_address_is_taken(string address) => Assert.Equal("https", WebhookAddress.Parse(address).Scheme);

    [Theory]
    [InlineData("", "webhook-required")]
    [InlineData("hooks.slack.com/services/x", "webhook-not-an-address")]
    [InlineData("https://hooks.slack.com/a b", "webhook-not-an-address")]
    [InlineData("https://hooks.slack.com/a\r\nHost: evil", "webhook-not-an-address")]
    [InlineData("https://hooks.slack.com/a#b", "webhook-not-an-address")]
    [InlineData("http://hooks.slack.com/services/x", "webhook-not-https")]
    [InlineData("ftp://hooks.slack.com/x", "webhook-not-https")]
    [InlineData("file:///etc/passwd", "webhook-not-https")]
    [InlineData("https://user:pass@hooks.slack.com/x", "webhook-with-a-password")]
    [InlineData("https://hooks.slack.com:8443/x", "webhook-port")]
    [InlineData("https://localhost/x", "webhook-not-public")]
    [InlineData("https://intranet/x", "webhook-not-public")]
    [InlineData("https://db.internal/x", "webhook-not-public")]
    [InlineData("https://printer.local./x", "webhook-not-public")]
    [InlineData("https://127.0.0.1/x", "webhook-not-public")]
    [InlineData("https://2130706433/x", "webhook-not-public")]
    [InlineData("https://0x7f.1/x", "webhook-not-public")]
    [InlineData("https://169.254.169.254/latest/meta-data", "webhook-not-public")]
    [InlineData("https://[::1]/x", "webhook-not-public")]
    [InlineData("https://[::ffff:10.0.0.1]/x", "webhook-not-public")]
    [InlineData("https://[fd00:ec2::254]/x", "webhook-not-public")]
    public void An_address_that_is_never_called_is_refused_at_entry_and_not_repeated(string address, string rule)
    {
        var refusal = Assert.Throws<RuleViolationException>(() => WebhookAddress.Parse(address));

        Assert.Equal(rule, refusal.Rule);
        Assert.True(address.Length == 0 || !refusal.Message.Contains(address, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.100.100.200")]
    [InlineData("127.9.9.9")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:192.168.1.1")]
    [InlineData("::10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:a00:1::")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    public void Private_loopback_link_local_reserved_and_metadata_addresses_are_not_public(string address) => Assert.False(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("9.9.9.9")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("::ffff:9.9.9.9")]
    [InlineData("2a00:1450:4001::1")]
    public void Others_are(string address) => Assert.True(PublicAddress.Is(IPAddress.Parse(address)));

    [Theory]
    [InlineData("webhook-unknown-host")]
    [InlineData("webhook-not-public", "10.0.0.1")]
    [InlineData("webhook-not-public", "9.9.9.9", "10.0.0.1")]
    public async Task A_name_that_leads_nowhere_or_inside_is_refused(string rule, params string[] found) => Assert.Equal(rule, (await Assert.ThrowsAsync<RuleViolationException>(() =>
        WebhookAddress.DemandReachableAsync(new Uri("https://hooks.example.org/x"), (_, _) => Task.FromResult(found.Select(IPAddress.Parse).ToArray()), default))).Rule);
}
