using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace CoEPortal.Tests.Enforcement;

/// <summary>
/// The administration of LiteLLM or Kong as their documents describe it, with the ways in which it can go wrong. Not the real
/// thing: neither can be installed where these tests run.
/// </summary>
internal sealed class FakeAdmin : IDisposable
{
    public const string Secret = "sk-the-master-key-of-a-test";

    private readonly HttpListener _listener = new();
    private readonly Func<FakeAdmin, HttpListenerRequest, JsonNode?, (int Status, string Body)> _answer;

    private FakeAdmin(Func<FakeAdmin, HttpListenerRequest, JsonNode?, (int, string)> answer)
    {
        _answer = answer;
        var port = GatewayKit.FreePort();
        Address = new Uri($"http://127.0.0.1:{port}");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>Every request but reading, as method and path.</summary>
    public List<string> Orders { get; } = [];

    /// <summary>LiteLLM: keys and teams and whether they are blocked.</summary>
    public Dictionary<string, bool?> Blocked { get; } = [];

    /// <summary>LiteLLM: deployments, the name that callers say, the model behind it, and whether they are blocked.</summary>
    public List<(string Id, string Name, string Behind, bool Blocked)> Models { get; } = [];

    /// <summary>Kong: plugins as its Admin API shows them.</summary>
    public List<JsonObject> Plugins { get; } = [];

    public HashSet<string> Places { get; } = [];

    /// <summary>Answers all with this instead.</summary>
    public (int Status, string Body)? Instead { get; set; }

    public TimeSpan Delay { get; set; }

    /// <summary>Says yes and does nothing.</summary>
    public bool Forgets { get; set; }

    public static FakeAdmin LiteLlm() => new((fake, request, body) => fake.LiteLlmAnswer(request, body));

    public static FakeAdmin Kong() => new((fake, request, body) => fake.KongAnswer(request, body));

    public JsonObject Plugin(string? route = null, string? consumer = null, string name = "request-termination", bool enabled = true, string? trigger = null, string? tag = null)
    {
        var plugin = new JsonObject
        {
            ["id"] = Guid.CreateVersion7().ToString(),
            ["name"] = name,
            ["enabled"] = enabled,
            ["route"] = route is null ? null : new JsonObject { ["id"] = route },
            ["consumer"] = consumer is null ? null : new JsonObject { ["id"] = consumer },
            ["service"] = null,
            ["config"] = new JsonObject { ["status_code"] = 403, ["trigger"] = trigger },
            ["tags"] = tag is null ? null : new JsonArray(tag),
        };
        Plugins.Add(plugin);
        return plugin;
    }

    public void Dispose() => _listener.Close();

    private (int, string) LiteLlmAnswer(HttpListenerRequest request, JsonNode? body)
    {
        if (request.Headers["Authorization"] != $"Bearer {Secret}")
        {
            return (401, """{"error":{"message":"Authentication Error, Invalid proxy server token passed","code":"401"}}""");
        }

        var kind = request.Url!.AbsolutePath.Split('/')[1];
        if (kind == "model")
        {
            return LiteLlmModelAnswer(request, body);
        }

        var field = kind == "team" ? "team_id" : "key";
        var name = request.HttpMethod == "GET" ? request.QueryString[field] : (string?)body?[field];
        return (request.HttpMethod, request.Url.AbsolutePath.Split('/')[2]) switch
        {
            _ when name is null || !Blocked.ContainsKey(name) => (404, """{"error":{"message":"Key not found in database"}}"""),
            ("GET", "info") => (200, new JsonObject { [field] = name, [kind == "team" ? "team_info" : "info"] = new JsonObject { ["blocked"] = Blocked[name], ["spend"] = 1.5 } }.ToJsonString()),
            ("POST", "block") => Set(name, true),
            ("POST", "unblock") => Set(name, false),
            _ => (405, "{}"),
        };

        (int, string) Set(string of, bool blocked)
        {
            Blocked[of] = Forgets ? Blocked[of] : blocked;
            return (200, new JsonObject { ["token"] = of, ["blocked"] = blocked }.ToJsonString());
        }
    }

    private (int, string) LiteLlmModelAnswer(HttpListenerRequest request, JsonNode? body)
    {
        if (request.HttpMethod == "GET")
        {
            return (200, new JsonObject
            {
                ["data"] = new JsonArray([.. Models.Select(m => new JsonObject
                {
                    ["model_name"] = m.Name,
                    ["litellm_params"] = new JsonObject { ["model"] = m.Behind },
                    ["model_info"] = m.Blocked ? new JsonObject { ["id"] = m.Id, ["blocked"] = true } : new JsonObject { ["id"] = m.Id },
                })]),
            }.ToJsonString());
        }

        var index = Models.FindIndex(m => m.Id == (string?)body?["model_id"]);
        if (index < 0)
        {
            return (404, "{}");
        }

        Models[index] = Models[index] with { Blocked = Forgets ? Models[index].Blocked : request.Url!.AbsolutePath.EndsWith("/block", StringComparison.Ordinal) };
        return (200, "{}");
    }

    private (int, string) KongAnswer(HttpListenerRequest request, JsonNode? body)
    {
        var path = request.Url!.AbsolutePath.Trim('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        switch (request.HttpMethod, path)
        {
            case (_, [var places, var place, "plugins"]) when !Places.Contains($"{places}/{place}"):
                return (404, """{"message":"Not found"}""");
            case ("GET", ["plugins"]):
                return Page(Plugins);
            case ("GET", ["routes", var route, "plugins"]):
                return Page(Plugins.Where(p => (string?)p["route"]?["id"] == route));
            case ("GET", ["consumers", var consumer, "plugins"]):
                return Page(Plugins.Where(p => (string?)p["consumer"]?["id"] == consumer));
            case ("POST", [.., "plugins"]):
                var (on, of) = path is [var kind, var name, _] ? (kind, name) : ("", null);
                if (Plugins.Exists(p => (string?)p["name"] == (string?)body!["name"] && (string?)p["route"]?["id"] == (on == "routes" ? of : null) && (string?)p["consumer"]?["id"] == (on == "consumers" ? of : null)))
                {
                    return (409, """{"code":5,"name":"unique constraint violation"}""");
                }

                if (!Forgets)
                {
                    var made = Plugin(on == "routes" ? of : null, on == "consumers" ? of : null, (string)body!["name"]!, tag: (string?)body["tags"]?[0]);
                    made["config"] = body["config"]!.DeepClone();
                }

                return (201, "{}");
            case ("PATCH", ["plugins", var id]):
                foreach (var (field, value) in body!.AsObject())
                {
                    Plugins.Single(p => (string?)p["id"] == id)[field] = value?.DeepClone();
                }

                return (200, "{}");
            case ("DELETE", ["plugins", var id]):
                Plugins.RemoveAll(p => !Forgets && (string?)p["id"] == id);
                return (204, "");
            default:
                return (404, "{}");
        }

        (int, string) Page(IEnumerable<JsonObject> plugins)
        {
            // Two a page, so that a reader has to turn pages.
            var all = plugins.ToList();
            var from = int.TryParse(request.QueryString["offset"], out var offset) ? offset : 0;
            var more = all.Count > from + 2;
            return (200, new JsonObject
            {
                ["data"] = new JsonArray([.. all.Skip(from).Take(2).Select(p => p.DeepClone())]),
                ["offset"] = more ? $"{from + 2}" : null,
                ["next"] = more ? "http://elsewhere.example/" : null,
            }.ToJsonString());
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            var text = await reader.ReadToEndAsync();
            if (context.Request.HttpMethod != "GET")
            {
                Orders.Add($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
            }

            await Task.Delay(Delay);
            var (status, body) = Instead ?? _answer(this, context.Request, text.Length > 0 ? JsonNode.Parse(text) : null);
            context.Response.StatusCode = status;
            if (status is >= 300 and < 400)
            {
                context.Response.Headers["Location"] = body;
                body = "";
            }

            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // Who asked has gone.
        }
    }
}
