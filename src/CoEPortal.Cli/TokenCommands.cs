using System.Globalization;
using CoEPortal.Governance.People;
using Microsoft.Extensions.DependencyInjection;

namespace CoEPortal.Cli;

/// <summary>Issues machine tokens on the database itself. Who may write there could issue one anyway; the log says who it was.</summary>
internal static class TokenCommands
{
    public static async Task<int> IssueAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, "name", "scope", "use-case", "days");
        var scopes = line.All("scope").SelectMany(s => s.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        var days = int.TryParse(line.Optional("days") ?? "90", NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? given
            : throw new CommandException("--days needs a whole number.");
        var clearText = await DatabaseCommands.WithServicesAsync(asOwner: false, services => services.GetRequiredService<IssueMachineToken>()
            .RunAsync(line.Required("name"), scopes, line.Optional("use-case"), TimeSpan.FromDays(days), DatabaseCommands.Actor));
        Console.WriteLine($"Token {line.Required("name")} for {string.Join(", ", scopes)}, valid {days} days. It is shown only now:");
        Console.WriteLine(clearText);
        return 0;
    }

    public static async Task<int> RevokeAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, "name");
        var count = await DatabaseCommands.WithServicesAsync(asOwner: false, services => services.GetRequiredService<RevokeMachineToken>().RunAsync(line.Required("name"), DatabaseCommands.Actor));
        Console.WriteLine($"{count} revoked");
        return 0;
    }
}
