namespace CoEPortal.Web.SignIn;

/// <summary>
/// Who vouches for people outside the demo: the settings section that names it, and how it is called on the button.
/// The seam for OpenID Connect: whoever registers an authentication scheme under <see cref="Scheme"/>, signing in to
/// the cookie with <see cref="PersonClaims"/>, lights the button up.
/// </summary>
public sealed record IdentityProvider(string Section, string Name)
{
    public const string Scheme = "IdentityProvider";

    public static IdentityProvider? From(IConfiguration settings)
    {
        if (Has("AzureAd", "TenantId", "ClientId"))
        {
            return new("AzureAd", "Microsoft Entra ID");
        }

        return Has("Oidc", "Authority", "ClientId") ? new("Oidc", "single sign-on") : null;

        bool Has(string section, params string[] keys) =>
            keys.All(key => !string.IsNullOrWhiteSpace(settings[$"{section}:{key}"]));
    }
}
