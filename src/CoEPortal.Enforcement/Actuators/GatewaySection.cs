using System.Globalization;
using System.Text.RegularExpressions;
using CoEPortal.Governance.KillSwitches;
using Microsoft.Extensions.Configuration;

namespace CoEPortal.Enforcement.Actuators;

/// <summary>What the settings of one gateway have in common: a name, and where its credential is.</summary>
/// <param name="list">The list that it is in, as messages name it.</param>
internal sealed partial class GatewaySection(string list, IConfigurationSection section)
{
    private const int LongestCredential = 4096;
    private const int ShortestTimeoutMs = 100;

    /// <exception cref="InvalidOperationException">It does not hold.</exception>
    public void Demand(bool holds, string setting, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{list}__{section.Key}__{setting} {what}.");
        }
    }

    public string Name()
    {
        var name = section["Name"] ?? "";
        Demand(name.Length is >= 3 and <= 60 && PlainName().IsMatch(name), "Name", "is 3 to 60 small letters, digits and dashes, such as litellm-eu");
        return name;
    }

    /// <summary>Of one request, whole.</summary>
    public TimeSpan Timeout(int unlessSet, int longest)
    {
        var milliseconds = unlessSet;
        Demand(
            section["TimeoutMs"] is not { Length: > 0 } text
                || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out milliseconds) && milliseconds is >= ShortestTimeoutMs && milliseconds <= longest,
            "TimeoutMs", $"is {ShortestTimeoutMs} to {longest}");
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    /// <returns>Reads it where the settings point, each time, so that it can be changed there; null where none is given.</returns>
    public Func<string>? Credential()
    {
        var (file, variable) = (section["CredentialFile"], section["CredentialVariable"]);
        Demand(section["Credential"] is null, "Credential", "is not a setting: put it in a file or an environment variable and name that");
        Demand(file is null or "" || variable is null or "", "CredentialFile", "and CredentialVariable are one too many");
        return file is { Length: > 0 } ? () => Checked(File.ReadAllText(file))
            : variable is { Length: > 0 } ? () => Checked(Environment.GetEnvironmentVariable(variable) ?? "")
            : null;
    }

    private static string Checked(string found) =>
        found.Trim() is { Length: > 0 and <= LongestCredential } value && !value.Any(c => c is < '!' or > '~')
            ? value
            : throw new GatewayAdminException("Its credential is empty, or no line of printable characters.");

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex PlainName();
}
