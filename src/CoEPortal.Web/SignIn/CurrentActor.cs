using System.Security.Claims;
using CoEPortal.Governance.Access;
using Microsoft.AspNetCore.Components.Authorization;

namespace CoEPortal.Web.SignIn;

/// <summary>
/// Reads a person from the directory as they are now; null when the directory does not know them or has let them go.
/// The seam to the directory of people.
/// </summary>
public delegate Task<Actor?> FindActor(PersonId id, CancellationToken cancellationToken);

/// <summary>
/// Who acts in this circuit. Asked again before each command: a circuit lives for hours and keeps the identity it was
/// opened with, while roles are taken away in between.
/// </summary>
public sealed class CurrentActor(AuthenticationStateProvider signedIn, FindActor find)
{
    public async Task<Actor> GetAsync(CancellationToken cancellationToken = default) =>
        await FindAsync(cancellationToken) ?? throw SignedOut();

    public async Task<Actor?> FindAsync(CancellationToken cancellationToken = default)
    {
        var state = await signedIn.GetAuthenticationStateAsync();
        return PersonClaims.PersonOf(state.User) is { } person ? await find(person, cancellationToken) : null;
    }

    internal static RuleViolationException SignedOut() =>
        new("signed-out", "You are signed out. Sign in again, then repeat what you did.");
}

public static class RequestActor
{
    /// <summary>The same for endpoints, which have a request instead of a circuit.</summary>
    public static async Task<Actor> ActorAsync(this HttpContext request)
    {
        var find = request.RequestServices.GetRequiredService<FindActor>();
        var actor = await ActorOf(request.User, find, request.RequestAborted) ?? throw CurrentActor.SignedOut();
        // A script of the demo says who it is with every request.
        return request.User.Identity?.AuthenticationType is DemoHeaderHandler.SchemeName
            ? actor with { ConfirmedAt = request.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() }
            : actor;
    }

    private static async Task<Actor?> ActorOf(ClaimsPrincipal user, FindActor find, CancellationToken cancellationToken) =>
        PersonClaims.PersonOf(user) is { } person ? await find(person, cancellationToken) : null;
}
