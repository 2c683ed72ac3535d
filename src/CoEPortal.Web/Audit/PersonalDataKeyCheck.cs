using CoEPortal.Governance.Audit;
using CoEPortal.Web.Startup;

namespace CoEPortal.Web.Audit;

/// <summary>
/// The key of personal data: <c>Portal__PersonalDataKey</c>, or one made once and kept in the data directory where only the
/// portal's account can read it. Several nodes need the same one. A database that is used with one is never used with another.
/// </summary>
public sealed class PersonalDataKeyCheck(ClaimPersonalDataKey claim, IConfiguration settings, IServiceProvider services) : IHostedService
{
    private const string FileName = "personal-data.key";

    /// <exception cref="InvalidOperationException">There is none that can be used; the message says what to do.</exception>
    public static PersonalDataKey Read(IConfiguration settings)
    {
        var given = Given(settings);
        try
        {
            return PersonalDataKey.Parse(given ?? KeyFile.Read(PathOf(settings), () => PersonalDataKey.Create().ToBase64() + "\n"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new InvalidOperationException(
                $"Personal data cannot be encrypted: {(given is null ? PathOf(settings) : "Portal__PersonalDataKey")} holds no key of 32 bytes in base64 that the portal can read.", error);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var place = Given(settings) is null ? PathOf(settings) : "Portal__PersonalDataKey";
        if (Given(settings) is null && !File.Exists(place) && await claim.IsClaimedAsync(cancellationToken))
        {
            throw new InvalidOperationException(
                $"The names in the audit log are encrypted with a key that is not here. Put it into {place}, from another node or from its backup, or set Portal__PersonalDataKey.");
        }

        if (!await claim.RunAsync(services.GetRequiredService<PersonalDataKey>(), cancellationToken))
        {
            throw new InvalidOperationException(
                $"The names in the audit log are encrypted with another key than the one in {place}. Put the right one there, from another node or from its backup.");
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static string? Given(IConfiguration settings) => settings["Portal:PersonalDataKey"] is { Length: > 0 } given ? given : null;

    private static string PathOf(IConfiguration settings) => Path.Combine(PortalDatabase.DataDirectoryOf(settings), FileName);
}
