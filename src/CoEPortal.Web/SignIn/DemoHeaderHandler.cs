using System.Text.Encodings.Web;
using CoEPortal.Governance.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace CoEPortal.Web.SignIn;

/// <summary><c>Authorization: Demo legal</c>: a person of the demo organisation for scripts. Exists only while demo sign-in is on.</summary>
public sealed class DemoHeaderHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Demo";

    public static bool IsIn(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(SchemeName + " ", StringComparison.OrdinalIgnoreCase);

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsIn(Request))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        var alias = Request.Headers.Authorization.ToString()[(SchemeName.Length + 1)..].Trim();
        return Task.FromResult(DemoPersonas.Find(alias) is { } persona
            ? AuthenticateResult.Success(new(PersonClaims.Principal(persona.Actor, SchemeName), SchemeName))
            : AuthenticateResult.Fail($"There is no demo persona {alias}."));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = SchemeName;
        return Task.CompletedTask;
    }
}
