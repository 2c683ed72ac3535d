using System.Security.Claims;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.People;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace CoEPortal.Web.SignIn;

/// <summary>The session cookie: says who, never for longer than the directory agrees.</summary>
public sealed class PersonCookie(LearnEmail learnEmail, ILogger<PersonCookie> log) : CookieAuthenticationEvents
{
    /// <summary>The address belongs to the directory and not in the cookie, which would carry an old one for hours.</summary>
    public override async Task SigningIn(CookieSigningInContext context)
    {
        if (context.Principal is { Identity: ClaimsIdentity identity } principal
            && PersonClaims.PersonOf(principal) is { } person
            && identity.FindFirst(PersonClaims.Email) is { } email)
        {
            identity.RemoveClaim(email);
            try
            {
                await learnEmail.RunAsync(person, email.Value, context.HttpContext.RequestAborted);
            }
            catch (RuleViolationException changed)
            {
                log.LogInformation(changed, "An e-mail address waits for the next sign-in: the person was changed at the same moment");
            }
        }
    }

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var find = context.HttpContext.RequestServices.GetRequiredService<FindActor>();
        var actor = context.Principal is { } principal && PersonClaims.PersonOf(principal) is { } person
            ? await find(person, context.HttpContext.RequestAborted)
            : null;
        if (actor is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        }
        else if (!PersonClaims.AreCurrent(context.Principal!, actor))
        {
            context.ReplacePrincipal(PersonClaims.Principal(actor, CookieAuthenticationDefaults.AuthenticationScheme));
            context.ShouldRenew = true;
        }
    }

    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context) =>
        Answer(context, StatusCodes.Status401Unauthorized);

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context) =>
        Answer(context, StatusCodes.Status403Forbidden);

    private static Task Answer(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (context.Request.WantsPage())
        {
            context.Response.Redirect(context.RedirectUri);
        }
        else
        {
            context.Response.StatusCode = status;
        }

        return Task.CompletedTask;
    }
}

public static class PageRequest
{
    /// <summary>A person's browser asking for a page, as opposed to a program asking the API.</summary>
    public static bool WantsPage(this HttpRequest request) =>
        !request.Path.StartsWithSegments("/api")
        && request.Headers.Accept.Any(value => value?.Contains("text/html", StringComparison.OrdinalIgnoreCase) == true);
}
