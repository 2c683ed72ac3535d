namespace CoEPortal.Web.SignIn;

/// <summary>Where to go after signing in: a path of this portal, never another site.</summary>
public static class ReturnPath
{
    /// <summary>
    /// Anything but a plain path becomes the home page: browsers read <c>//host</c> and <c>/\host</c> as another site,
    /// and drop tabs and line breaks before they look.
    /// </summary>
    public static string OrHome(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..]
        && !url.Any(char.IsControl)
        && !url.StartsWith("/sign-", StringComparison.OrdinalIgnoreCase)
            ? url
            : "/";
}
