using CoEPortal.Web.Startup;
using Microsoft.AspNetCore.Authentication;

namespace CoEPortal.Web.SignIn;

/// <summary>Refuses to start a portal that anybody on the network could enter, or nobody at all.</summary>
public sealed class SignInGuard(IConfiguration settings, DemoSignIn demo, IAuthenticationSchemeProvider schemes)
    : IHostedLifecycleService
{
    /// <summary>Runs before the server listens.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var handler = await schemes.GetSchemeAsync(IdentityProvider.Scheme);
        Check(demo, ListeningAddresses.From(settings), IdentityProvider.From(settings), handler is not null, PortalRoles.From(settings).Portal);
    }

    /// <param name="hasPages">A node without them has nobody to sign in.</param>
    public static void Check(
        DemoSignIn demo, IReadOnlyList<string> addresses, IdentityProvider? provider, bool providerHasHandler, bool hasPages = true)
    {
        var open = addresses.FirstOrDefault(address => !ListeningAddresses.IsThisMachineOnly(address));
        if (demo.IsOn && open is not null)
        {
            throw new InvalidOperationException(
                $"Demo sign-in asks for no password, so the portal does not start on {open}: "
                + "listen on 127.0.0.1 (ASPNETCORE_URLS) or set Portal__DemoSignIn=false and configure AzureAd or Oidc.");
        }

        if (demo.IsOn || !hasPages)
        {
            return;
        }

        if (provider is null)
        {
            throw new InvalidOperationException(
                "Nobody could sign in: demo sign-in is off and neither AzureAd__TenantId with AzureAd__ClientId "
                + "nor Oidc__Authority with Oidc__ClientId is set.");
        }

        if (!providerHasHandler)
        {
            throw new InvalidOperationException(
                $"Nobody could sign in: {provider.Section} is configured, but this build has no OpenID Connect handler yet.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
