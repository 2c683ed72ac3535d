using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace CoEPortal.Web.SignIn;

/// <summary>
/// Ends the identity of an open circuit when the person left or their roles changed. The page then loads again, and
/// the server decides afresh: <see cref="PersonCookie"/> either renews the cookie with the new roles or rejects it.
/// </summary>
public sealed class PersonRevalidation(ILoggerFactory loggers, FindActor find)
    : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval { get; } = TimeSpan.FromSeconds(60);

    protected override async Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        PersonClaims.PersonOf(authenticationState.User) is { } person
        && await find(person, cancellationToken) is { } actor
        && PersonClaims.AreCurrent(authenticationState.User, actor);
}
