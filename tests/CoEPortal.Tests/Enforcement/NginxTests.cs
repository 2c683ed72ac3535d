using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using CoEPortal.Tests.Scoring;

namespace CoEPortal.Tests.Enforcement;

/// <summary>nginx from the distribution in front of a model's endpoint, asking the portal for each request (auth_request).</summary>
[Collection(typeof(PortalCollection))]
public sealed class NginxTests(RunningPortal portal)
{
    private static readonly string? Nginx = new[] { "/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx" }.FirstOrDefault(File.Exists);

    [Fact]
    public async Task The_next_request_after_the_switch_is_refused_and_allowed_again_after_two_people_released_it()
    {
        Assert.SkipWhen(Nginx is null, "nginx is not installed (./coe test installs it when run as root).");
        var key = await portal.GivenAnApprovedAsync(TriageTests.RealProposal("Digital Records Manager (DRM) User Assistance Chatbot"));
        using var lead = await portal.AsAsync("coe-lead");
        var route = $"/help-bot-{key}";
        using var bound = await lead.PostAsJsonAsync($"/api/v1/use-cases/{key}/bindings", new { kind = "route", value = route, gateway = "nginx-test" });
        Assert.Equal(HttpStatusCode.Created, bound.StatusCode);
        await using var nginx = await Gateway.StartAsync(await portal.AddressAsync(), await portal.TokenAsync("enforcement.read"), route);
        using var client = new HttpClient { BaseAddress = nginx.Address };

        Assert.Equal((HttpStatusCode.OK, "a model's answer"), await AskAsync(client));

        using var engaged = await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/engage", new { mode = "stop", reason = "Wrong answers." });
        engaged.EnsureSuccessStatusCode();
        await AppliedAsync((await RunningPortal.JsonAsync(engaged))["generation"]!.GetValue<long>());
        Assert.Equal((HttpStatusCode.Forbidden, """{"error":{"type":"governance_blocked","reason":"kill_manual"}}"""), await AskAsync(client));

        // A client cannot talk itself past the gateway.
        client.DefaultRequestHeaders.Add("X-Gov-Route", "/another");
        client.DefaultRequestHeaders.Add("X-Gov-Use-Case", "UC-0001");
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(client)).Status);

        using var risk = await portal.AsAsync("risk");
        (await risk.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/release", new { reason = "Mended." })).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(client)).Status);
        using var released = await lead.PostAsJsonAsync($"/api/v1/switches/use-case/{key}/release", new { reason = "Checked." });
        await AppliedAsync((await RunningPortal.JsonAsync(released))["generation"]!.GetValue<long>());
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(client)).Status);
    }

    /// <summary>Waits until this node applies a generation: a notification takes a few milliseconds, a lost one a second.</summary>
    private async Task AppliedAsync(long generation)
    {
        var board = await portal.GetAsync<CoEPortal.Enforcement.SwitchBoard>();
        Assert.True(SpinWait.SpinUntil(() => board.Current.Generation >= generation, TimeSpan.FromSeconds(10)), "The node did not apply the change within 10 s.");
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync("/v1/chat/completions", new { model = "gpt-4o-mini" });
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private sealed class Gateway : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly DirectoryInfo _folder;

        private Gateway(Process process, DirectoryInfo folder, Uri address) => (_process, _folder, Address) = (process, folder, address);

        public Uri Address { get; }

        public static async Task<Gateway> StartAsync(Uri portalAddress, string token, string route)
        {
            var folder = Directory.CreateTempSubdirectory("coe-nginx-");
            var (port, upstream) = (FreePort(), FreePort());
            var configuration = Path.Combine(folder.FullName, "nginx.conf");
            await File.WriteAllTextAsync(configuration,
                $$$"""
                daemon off; worker_processes 1; pid {{{folder.FullName}}}/nginx.pid; error_log {{{folder.FullName}}}/error.log info;
                events { worker_connections 64; }
                http {
                  access_log off; server_tokens off;
                  client_body_temp_path {{{folder.FullName}}}/b; proxy_temp_path {{{folder.FullName}}}/p; fastcgi_temp_path {{{folder.FullName}}}/f;
                  uwsgi_temp_path {{{folder.FullName}}}/u; scgi_temp_path {{{folder.FullName}}}/s;
                  upstream portal { server {{{portalAddress.Authority}}}; keepalive 8; }
                  server { listen 127.0.0.1:{{{upstream}}}; location / { return 200 "a model's answer"; } }
                  server {
                    listen 127.0.0.1:{{{port}}};
                    location /v1/ {
                      auth_request /_gov; auth_request_set $gov_reason $upstream_http_x_gov_reason;
                      error_page 403 = @stopped; error_page 500 = @unknown;
                      proxy_pass http://127.0.0.1:{{{upstream}}};
                    }
                    location = /_gov {
                      internal; proxy_pass http://portal/gov/v1/decide; proxy_method GET; proxy_pass_request_body off; proxy_pass_request_headers off;
                      proxy_set_header Content-Length ''; proxy_set_header Host 127.0.0.1; proxy_set_header Authorization 'Bearer {{{token}}}';
                      proxy_set_header X-Gov-Route '{{{route}}}'; proxy_http_version 1.1; proxy_set_header Connection '';
                      proxy_connect_timeout 100ms; proxy_read_timeout 2s;
                    }
                    location @stopped { internal; default_type application/json; return 403 '{"error":{"type":"governance_blocked","reason":"$gov_reason"}}'; }
                    location @unknown { internal; default_type application/json; return 503 '{"error":{"type":"governance_unavailable"}}'; }
                  }
                }
                """);
            var process = Process.Start(new ProcessStartInfo(Nginx!, ["-p", folder.FullName, "-c", configuration]) { RedirectStandardError = true })!;
            var gateway = new Gateway(process, folder, new Uri($"http://127.0.0.1:{port}"));
            Assert.True(SpinWait.SpinUntil(() => process.HasExited || Accepts(port), TimeSpan.FromSeconds(10)));
            Assert.False(process.HasExited, process.HasExited ? await process.StandardError.ReadToEndAsync() : "");
            return gateway;
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            _folder.Delete(recursive: true);
        }

        private static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        private static bool Accepts(int port)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", port);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
