using CoEPortal.Web.SignIn;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Tests.SignIn;

public sealed class SignInTests
{
    private static readonly IdentityProvider Entra = new("AzureAd", "Microsoft Entra ID");

    [Theory]
    [InlineData("http://0.0.0.0:5080")]
    [InlineData("http://*:5080")]
    [InlineData("http://+:80")]
    [InlineData("http://192.168.1.10:5080")]
    [InlineData("http://portal.example.org")]
    [InlineData("http://[::]:5080")]
    public void Demo_sign_in_refuses_to_start_on_an_address_that_others_can_reach(string address)
    {
        var refusal = Assert.Throws<InvalidOperationException>(
            () => SignInGuard.Check(new DemoSignIn(true), ["http://127.0.0.1:5080", address], null, providerHasHandler: false));

        Assert.Contains(address, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080")]
    [InlineData("http://localhost:5080")]
    [InlineData("http://[::1]:5080")]
    public void Demo_sign_in_starts_on_this_machine(string address) =>
        Assert.Null(Record.Exception(() => SignInGuard.Check(new DemoSignIn(true), [address], null, providerHasHandler: false)));

    [Fact]
    public void A_portal_that_nobody_could_enter_refuses_to_start()
    {
        Assert.Throws<InvalidOperationException>(() => SignInGuard.Check(new DemoSignIn(false), ["http://127.0.0.1:5080"], null, providerHasHandler: false));
        Assert.Throws<InvalidOperationException>(() => SignInGuard.Check(new DemoSignIn(false), ["http://127.0.0.1:5080"], Entra, providerHasHandler: false));
    }

    [Fact]
    public void A_node_without_pages_needs_no_sign_in_and_no_more_than_others_a_demo_that_anybody_can_reach()
    {
        Assert.Null(Record.Exception(() => SignInGuard.Check(new DemoSignIn(false), ["http://0.0.0.0:8080"], null, providerHasHandler: false, hasPages: false)));
        Assert.Throws<InvalidOperationException>(() => SignInGuard.Check(new DemoSignIn(true), ["http://0.0.0.0:8080"], null, providerHasHandler: false, hasPages: false));
    }

    [Theory]
    [InlineData("http://127.0.0.1:5080", null, true)]
    [InlineData("http://0.0.0.0:5080", null, false)]
    [InlineData("http://127.0.0.1:5080", "Host=db", false)]
    public void Demo_sign_in_is_on_by_itself_only_with_the_embedded_database_on_this_machine(string address, string? database, bool on)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["urls"] = address, ["ConnectionStrings:Portal"] = database }).Build();

        Assert.Equal(on, DemoSignIn.From(settings).IsOn);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("")]
    [InlineData(null)]
    public void Signing_in_never_leads_to_another_site(string? url) => Assert.Equal("/", ReturnPath.OrHome(url));

    [Fact]
    public void Signing_in_leads_back_to_where_somebody_was() => Assert.Equal("/tasks/1?tab=score", ReturnPath.OrHome("/tasks/1?tab=score"));
}
