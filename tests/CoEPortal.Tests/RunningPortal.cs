using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoEPortal.Enforcement;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Persistence;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Tests;

/// <summary>Classes that speak HTTP share one running portal and take turns.</summary>
[CollectionDefinition]
public sealed class PortalCollection : ICollectionFixture<RunningPortal>;

/// <summary>The whole portal on a real port with a database of its own, as `./coe up` runs it.</summary>
public sealed class RunningPortal(TestPostgres postgres) : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private Factory? _portal;
    private TestDatabase? _database;

    public async Task<Uri> AddressAsync()
    {
        await StartAsync();
        return _portal!.ClientOptions.BaseAddress;
    }

    public async Task<T> GetAsync<T>()
        where T : notnull
    {
        await StartAsync();
        return _portal!.Services.GetRequiredService<T>();
    }

    public RecordedLog Log { get; } = new();

    public string RuntimeConnectionString => _database!.RuntimeConnectionString;

    /// <summary>Speaks as a persona.</summary>
    public async Task<HttpClient> AsAsync(string persona)
    {
        var http = new HttpClient { BaseAddress = await AddressAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Demo", persona);
        return http;
    }

    /// <summary>Speaks as a machine with a fresh token.</summary>
    public async Task<HttpClient> WithTokenAsync(string scope, string? useCase = null)
    {
        var http = new HttpClient { BaseAddress = await AddressAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(scope, useCase));
        return http;
    }

    public async Task<string> TokenAsync(string scope, string? useCase = null)
    {
        var issue = await GetAsync<IssueMachineToken>();
        var token = await issue.RunAsync("test", [scope], useCase, TimeSpan.FromDays(1), DemoPersonas.Find("admin")!.Actor);
        // The door learns of a new token by notification; a test must not be faster.
        await (await GetAsync<SwitchBoard>()).RefreshAsync();
        return token;
    }

    /// <summary>Proposes, submits and decides over the API until the use case is approved; returns its key.</summary>
    public async Task<string> GivenAnApprovedAsync(Proposal proposal)
    {
        using var author = await AsAsync("submitter");
        using var started = await author.PostAsJsonAsync("/api/v1/use-cases", proposal, ProposalJson.Options);
        var key = (await JsonAsync(started))["key"]!.GetValue<string>();
        using var submitted = await author.PostAsync($"/api/v1/use-cases/{key}/submit", null);
        submitted.EnsureSuccessStatusCode();
        foreach (var persona in new[] { "legal", "security", "privacy", "risk", "brand", "coe-lead" })
        {
            using var reviewer = await AsAsync(persona);
            var tasks = await JsonAsync(await reviewer.GetAsync($"/api/v1/tasks?search={key}"));
            foreach (var task in tasks["items"]!.AsArray())
            {
                using var decided = await reviewer.PostAsJsonAsync(
                    $"/api/v1/tasks/{task!["id"]!.GetValue<string>()}/decision",
                    new { decision = "approve", comment = "", contentHash = task["contentHash"]!.GetValue<string>() });
                decided.EnsureSuccessStatusCode();
            }
        }

        return key;
    }

    public static async Task<JsonNode> JsonAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return text.StartsWith('{') ? JsonNode.Parse(text)! : throw new JsonException($"{(int)answer.StatusCode}: {text}");
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_portal is not null)
        {
            await _portal.DisposeAsync();
        }

        if (_database is not null)
        {
            await Invariants.DemandAsync(_database);
            await _database.DisposeAsync();
        }
    }

    private async Task StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_portal is null)
            {
                _database = await postgres.CreateDatabaseAsync();
                var portal = new Factory(_database, Log);
                portal.StartServer();
                _portal = portal;
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private sealed class Factory : WebApplicationFactory<Program>
    {
        private readonly TestDatabase _database;

        private readonly RecordedLog _log;

        // Of this run alone: what a portal of an earlier run signed is of another database.
        private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("coe-portal-");

        public Factory(TestDatabase database, RecordedLog log)
        {
            (_database, _log) = (database, log);
            UseKestrel(0);
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            _data.Delete(recursive: true);
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseSetting("ConnectionStrings:Portal", _database.RuntimeConnectionString);
            builder.UseSetting("ConnectionStrings:PortalOwner", _database.OwnerConnectionString);
            builder.UseSetting("Portal:DemoSignIn", "true");
            builder.UseSetting("Portal:DemoPortfolio", "false");
            builder.UseSetting("Portal:DataDirectory", _data.FullName);
            builder.ConfigureLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_log).AddFilter<RecordedLog>(null, LogLevel.Information));
        }
    }
}
