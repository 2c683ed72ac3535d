using System.Net;
using System.Text.Json.Nodes;
using CoEPortal.Web.Notifications;

namespace CoEPortal.Tests.Notifications;

public sealed class WebhookClientTests : IAsyncLifetime
{
    private static readonly Uri Hook = new("https://hooks.nordhaven.example/services/T0/B0/very-secret");

    private readonly WebhookServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_posted_arrives_as_json()
    {
        using var client = _server.Client();

        await client.PostAsync(Hook, new JsonObject { ["text"] = "Prüfung" });

        Assert.Equal("Prüfung", JsonNode.Parse(Assert.Single(_server.Bodies))!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_name_that_leads_inside_is_not_called_even_when_it_was_fine_at_entry()
    {
        using var client = _server.Client(isHeldInside: true);

        Assert.Contains("leads into this network", await RefusalAsync(client), StringComparison.Ordinal);
        Assert.Equal(0, _server.Connections);
    }

    [Fact]
    public async Task One_address_inside_among_others_is_enough_to_call_none()
    {
        using var client = new WebhookClient { LookUp = (_, port, _) => Task.FromResult<IReadOnlyList<IPEndPoint>>([new(IPAddress.Parse("9.9.9.9"), port), new(IPAddress.Parse("10.0.0.1"), port)]) };

        Assert.Contains("leads into this network", await RefusalAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_leads_nowhere_is_said_so()
    {
        using var client = new WebhookClient { LookUp = (_, _, _) => throw new System.Net.Sockets.SocketException() };

        Assert.Contains("leads nowhere", await RefusalAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        _server.Answer = "302 Found\r\nLocation: https://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n";
        using var client = _server.Client();

        Assert.Contains("redirects are not followed", await RefusalAsync(client), StringComparison.Ordinal);
        Assert.Single(_server.Bodies);
    }

    [Theory]
    [InlineData("404 Not Found\r\nContent-Length: 10\r\n\r\nno_service", "The webhook answered 404, no_service.")]
    [InlineData("500 Error\r\nContent-Length: 17\r\n\r\n<b>T0/secret</b>\n", "The webhook answered 500.")]
    [InlineData("403 Forbidden\r\nContent-Length: 0\r\n\r\n", "The webhook answered 403.")]
    [InlineData("what is this", "The webhook answered with something that is no answer.")]
    public async Task A_refusal_is_told_with_one_word_of_it_at_most(string answer, string told)
    {
        _server.Answer = answer;
        using var client = _server.Client();

        Assert.Equal(told, await RefusalAsync(client));
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        _server.Answer = "400 Bad Request\r\nContent-Length: 1000000000\r\n\r\n" + new string('a', 5000);
        using var client = _server.Client();

        Assert.Equal("The webhook answered 400.", await RefusalAsync(client));
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_left_after_a_while()
    {
        _server.IsSilent = true;
        using var client = _server.Client(patience: TimeSpan.FromMilliseconds(300));

        Assert.Contains("did not answer within", await RefusalAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_nobody_vouches_for_is_refused()
    {
        using var trusting = _server.Client();
        using var client = new WebhookClient { LookUp = trusting.LookUp, MayBeCalled = IPAddress.IsLoopback };

        Assert.Contains("certificate", await RefusalAsync(client), StringComparison.Ordinal);
        Assert.Empty(_server.Bodies);
    }

    private static async Task<string> RefusalAsync(WebhookClient client)
    {
        var refused = await Assert.ThrowsAsync<WebhookException>(() => client.PostAsync(Hook, new JsonObject { ["text"] = "x" }));
        Assert.DoesNotContain("very-secret", refused.ToString(), StringComparison.Ordinal);
        return refused.Message;
    }
}
