using CoEPortal.Enforcement.Actuators;
using CoEPortal.Governance.KillSwitches;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Tests.Enforcement;

/// <summary>What LiteLLM and Kong are told, by their documents: contract only, for neither can be run here.</summary>
public sealed class GatewayAdminTests : IDisposable
{
    private const string Variable = "COE_TEST_ADMIN_SECRET";
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly ActuatorTarget Key = new(CredentialKind.KeyHash, Hash);
    private static readonly ActuatorTarget Team = new(CredentialKind.Team, "claims team/1");
    private static readonly ActuatorTarget Route = new(CredentialKind.Route, "claims");

    private readonly List<IDisposable> _owned = [];

    public GatewayAdminTests() => Environment.SetEnvironmentVariable(Variable, FakeAdmin.Secret);

    public void Dispose() => _owned.ForEach(o => o.Dispose());

    [Fact]
    public async Task LiteLLM_blocks_keys_by_their_hash_and_teams_and_shows_both_when_read_back()
    {
        var (fake, admin) = LiteLlm();
        (fake.Blocked[Hash], fake.Blocked["claims team/1"]) = (null, false);
        Assert.Equal((TargetState.Open, TargetState.Open), await BothAsync());

        await admin.BlockAsync(Key, default);
        await admin.BlockAsync(Team, default);
        Assert.Equal((TargetState.Blocked, TargetState.Blocked), await BothAsync());
        await admin.UnblockAsync(Key, default);
        Assert.Equal((TargetState.Open, TargetState.Blocked), await BothAsync());
        Assert.Equal(["POST /key/block", "POST /team/block", "POST /key/unblock"], fake.Orders);

        async Task<(TargetState, TargetState)> BothAsync()
        {
            var states = await admin.ReadAsync([Key, Team], default);
            return (states[Key], states[Team]);
        }
    }

    [Fact]
    public async Task A_key_that_LiteLLM_does_not_know_is_missing_and_not_open()
    {
        var (_, admin) = LiteLlm();

        Assert.Equal(TargetState.Missing, (await admin.ReadAsync([Key], default))[Key]);
    }

    [Fact]
    public async Task Kong_gets_request_termination_on_a_route_a_consumer_or_everything_and_loses_only_ours()
    {
        var (fake, admin) = Kong();
        fake.Places.UnionWith(["routes/claims", "consumers/claims team/1"]);
        for (var i = 0; i < 5; i++)
        {
            fake.Plugin(name: $"another-{i}");
        }

        foreach (var target in new[] { Route, Team, ActuatorTarget.Whole })
        {
            Assert.Equal(TargetState.Open, await StateAsync(admin, target));
            await admin.BlockAsync(target, default);
            Assert.Equal(TargetState.Blocked, await StateAsync(admin, target));
            await admin.BlockAsync(target, default);
            await admin.UnblockAsync(target, default);
            Assert.Equal(TargetState.Open, await StateAsync(admin, target));
        }

        Assert.Equal(5, fake.Plugins.Count);
    }

    [Fact]
    public async Task What_narrows_a_termination_in_Kong_does_not_count_as_a_stop()
    {
        var (fake, admin) = Kong();
        fake.Places.Add("routes/claims");
        fake.Plugin("claims", enabled: false);
        fake.Plugin("claims", consumer: "one-consumer-only");
        fake.Plugin("claims", trigger: "x-maintenance");
        fake.Plugin("another");

        Assert.Equal(TargetState.Open, await StateAsync(admin, Route));
        Assert.Equal(TargetState.Open, await StateAsync(admin, ActuatorTarget.Whole));
        Assert.Equal(TargetState.Missing, await StateAsync(admin, new ActuatorTarget(CredentialKind.Route, "gone")));
    }

    [Fact]
    public async Task A_termination_of_ours_that_was_switched_off_is_switched_on_and_one_of_others_is_never_touched()
    {
        var (fake, admin) = Kong();
        fake.Places.UnionWith(["routes/claims", "routes/theirs"]);
        var ours = fake.Plugin("claims", enabled: false, trigger: "x", tag: "coe-portal");
        var theirs = fake.Plugin("theirs", enabled: false);

        await admin.BlockAsync(Route, default);
        Assert.Equal((true, TargetState.Blocked), ((bool)ours["enabled"]!, await StateAsync(admin, Route)));
        var refused = await Assert.ThrowsAsync<GatewayAdminException>(() => admin.BlockAsync(new ActuatorTarget(CredentialKind.Route, "theirs"), default));
        Assert.Equal("POST /routes/theirs/plugins was answered with 409.", refused.Message);
        await admin.UnblockAsync(new ActuatorTarget(CredentialKind.Route, "theirs"), default);
        Assert.Contains(theirs, fake.Plugins);
    }

    [Theory]
    [InlineData(401, "{}", "It does not take our credential (401).")]
    [InlineData(403, "{}", "It does not take our credential (403).")]
    [InlineData(500, "sk-the-master-key-of-a-test at /srv/secret", "GET /key/info was answered with 500.")]
    [InlineData(302, "http://169.254.169.254/latest/", "GET /key/info was answered with 302.")]
    [InlineData(200, "<html>", "GET /key/info did not answer with JSON.")]
    [InlineData(200, "[]", "GET /key/info did not answer with an object.")]
    [InlineData(200, "{}", "Its answer has no info.")]
    [InlineData(200, """{"info":[true]}""", "Its answer has no info.")]
    public async Task What_is_no_answer_is_said_without_a_word_of_it_and_counts_as_no_state(int status, string body, string said)
    {
        var (fake, admin) = LiteLlm();
        fake.Blocked[Hash] = true;
        fake.Instead = (status, body);

        var error = await Assert.ThrowsAsync<GatewayAdminException>(() => admin.ReadAsync([Key], default));

        Assert.Equal(said, error.Message);
        Assert.DoesNotContain(FakeAdmin.Secret, error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_a_huge_and_an_absent_administration_are_left_within_the_time_that_is_set()
    {
        var (fake, admin) = LiteLlm("300");
        fake.Instead = (200, new string(' ', 5 << 20));
        Assert.Equal("The answer is too large.", (await Assert.ThrowsAsync<GatewayAdminException>(() => admin.ReadAsync([Key], default))).Message);
        fake.Delay = TimeSpan.FromSeconds(20);
        Assert.Equal("No answer within 0.3 s.", (await Assert.ThrowsAsync<GatewayAdminException>(() => admin.BlockAsync(Key, default))).Message);
        fake.Dispose();
        Assert.Equal("It takes no connection.", (await Assert.ThrowsAsync<GatewayAdminException>(() => admin.ReadAsync([Key], default))).Message);
    }

    [Theory]
    [InlineData("a;shutdown")]
    [InlineData("#1")]
    [InlineData("a\\b")]
    [InlineData("<<")]
    [InlineData("model:gpt-4o")]
    public async Task A_name_that_would_be_a_command_of_HAProxys_socket_is_refused_before_it_is_sent(string name)
    {
        using var admin = Read(("Kind", "HaProxy"), ("Gateway", "g"), ("Url", "unix:/nowhere/socket"), ("Map", "/m.map")).Admin();

        var refused = await Assert.ThrowsAsync<GatewayAdminException>(() => admin.UnblockAsync(new ActuatorTarget(CredentialKind.Route, name), default));

        Assert.StartsWith("It cannot stand in a map", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kind", "Nginx", "Portal__Actuators__1__Kind is LiteLlm, Kong or HaProxy.")]
    [InlineData("Kind", "7", "Portal__Actuators__1__Kind is LiteLlm, Kong or HaProxy.")]
    [InlineData("Gateway", "", "Portal__Actuators__1__Gateway names the gateway as credentials are bound to it.")]
    [InlineData("Url", "ftp://x", "Portal__Actuators__1__Url is where its administration answers, http or https, without a credential in it.")]
    [InlineData("Url", "http://key@x", "Portal__Actuators__1__Url is where its administration answers, http or https, without a credential in it.")]
    [InlineData("CredentialVariable", "", "Portal__Actuators__1__CredentialFile or CredentialVariable says where LiteLLM's master key is.")]
    [InlineData("CredentialFile", "/x", "Portal__Actuators__1__CredentialFile and CredentialVariable are one too many.")]
    [InlineData("Credential", "sk-1", "Portal__Actuators__1__Credential is not a setting: put it in a file or an environment variable and name that.")]
    [InlineData("TimeoutMs", "60000", "Portal__Actuators__1__TimeoutMs is 100 to 10000.")]
    public void A_setting_that_cannot_be_meant_is_refused_at_the_start_and_says_what_to_set(string setting, string value, string said)
    {
        var settings = new Dictionary<string, string> { ["Kind"] = "LiteLlm", ["Gateway"] = "g", ["Url"] = "http://127.0.0.1:1", ["CredentialVariable"] = Variable, [setting] = value };

        Assert.Equal(said, Assert.Throws<InvalidOperationException>(() => Read([.. settings.Select(s => (s.Key, s.Value))])).Message);
    }

    [Fact]
    public async Task A_credential_that_is_missing_when_it_is_needed_is_said_and_not_sent()
    {
        var (fake, _) = LiteLlm();
        using var admin = Read(("Kind", "LiteLlm"), ("Gateway", "g"), ("Url", fake.Address.AbsoluteUri), ("CredentialFile", "/nowhere/credential")).Admin();

        Assert.Equal("Its credential cannot be read.", (await Assert.ThrowsAsync<GatewayAdminException>(() => admin.BlockAsync(Key, default))).Message);
        Assert.Empty(fake.Orders);
    }

    [Fact]
    public async Task LiteLLM_blocks_every_deployment_of_a_model_under_each_of_its_names_and_no_other_model()
    {
        var (fake, admin) = LiteLlm();
        fake.Models.AddRange(
        [
            ("a", "chat-large", "azure/gpt-4o-2024-08-06", false), ("b", "GPT-4o", "openai/gpt-4o", true), ("c", "gpt-4o-mini", "openai/gpt-4o-mini", false),
        ]);
        var model = ActuatorTarget.Model("gpt-4o");
        Assert.Equal(TargetState.Open, await StateAsync(admin, model));

        await admin.BlockAsync(model, default);
        Assert.Equal(TargetState.Blocked, await StateAsync(admin, model));
        Assert.Equal(["POST /model/block"], fake.Orders);
        Assert.Equal([true, true, false], fake.Models.Select(m => m.Blocked));

        await admin.UnblockAsync(model, default);
        Assert.Equal([false, false, false], fake.Models.Select(m => m.Blocked));
        Assert.Equal(TargetState.Missing, await StateAsync(admin, ActuatorTarget.Model("claude-opus")));
    }

    [Theory]
    [InlineData("""{}""", "Its answer has no list of models.")]
    [InlineData("""{"data":[{"model_name":"a"}]}""", "Its list has a model without model_info.")]
    [InlineData("""{"data":[{"model_name":"a","model_info":{},"litellm_params":{}}]}""", "Its list has a model without an id.")]
    public async Task A_list_of_models_that_LiteLLM_does_not_write_counts_as_no_state(string body, string said)
    {
        var (fake, admin) = LiteLlm();
        fake.Instead = (200, body);

        Assert.Equal(said, (await Assert.ThrowsAsync<GatewayAdminException>(() => admin.ReadAsync([ActuatorTarget.Model("a")], default))).Message);
    }

    [Fact]
    public void LiteLLM_is_told_of_models_unless_the_settings_say_not_and_HAProxy_only_if_they_say_so()
    {
        var haProxy = new[] { ("Kind", "HaProxy"), ("Gateway", "g"), ("Url", "unix:/s"), ("Map", "/m.map") };
        var liteLlm = new[] { ("Kind", "LiteLlm"), ("Gateway", "g"), ("Url", "http://127.0.0.1:1"), ("CredentialVariable", Variable) };
        Assert.Equal([false, true, true, false], new[] { haProxy, [.. haProxy, ("Models", "true")], liteLlm, [.. liteLlm, ("Models", "false")] }.Select(s => Read(s).Models));
        Assert.Equal("Portal__Actuators__1__Models is not for Kong: it refuses routes and consumers only.",
            Assert.Throws<InvalidOperationException>(() => Read(("Kind", "Kong"), ("Gateway", "g"), ("Url", "http://127.0.0.1:1"), ("Models", "true"))).Message);
    }

    private static async Task<TargetState> StateAsync(IGatewayAdmin admin, ActuatorTarget target) => (await admin.ReadAsync([target], default))[target];

    private (FakeAdmin, IGatewayAdmin) LiteLlm(string timeoutMs = "3000") => With(FakeAdmin.LiteLlm(), "LiteLlm", timeoutMs);

    private (FakeAdmin, IGatewayAdmin) Kong() => With(FakeAdmin.Kong(), "Kong", "3000");

    private (FakeAdmin, IGatewayAdmin) With(FakeAdmin fake, string kind, string timeoutMs)
    {
        var admin = Read(("Kind", kind), ("Gateway", "g"), ("Url", fake.Address.AbsoluteUri), ("CredentialVariable", Variable), ("TimeoutMs", timeoutMs)).Admin();
        _owned.AddRange([fake, admin]);
        return (fake, admin);
    }

    private static ActuatorSettings Read(params (string Name, string Value)[] settings) => Assert.Single(ActuatorSettings.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Prepend(("Name", "test-gw")).Select(s => KeyValuePair.Create("Portal:Actuators:1:" + s.Item1, (string?)s.Item2))).Build()));
}
