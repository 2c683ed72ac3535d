namespace CoEPortal.Web.SignIn;

/// <summary>Whether people sign in by picking a person of the demo organisation, without a password.</summary>
public sealed record DemoSignIn(bool IsOn)
{
    /// <summary>
    /// What <c>Portal__DemoSignIn</c> says; without it, on exactly when the portal runs on its own embedded database,
    /// listens to this machine only and no identity provider is configured.
    /// </summary>
    public static DemoSignIn From(IConfiguration settings) => new(
        settings.GetValue<bool?>("Portal:DemoSignIn")
        ?? (string.IsNullOrWhiteSpace(settings.GetConnectionString("Portal"))
            && IdentityProvider.From(settings) is null
            && ListeningAddresses.From(settings).All(ListeningAddresses.IsThisMachineOnly)));
}
