using System.Globalization;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Cli;

/// <summary>Makes a new price book for people to review and deploy; nothing is priced by it before.</summary>
internal static class PriceCommands
{
    public static int Import(string[] arguments)
    {
        var line = new CommandLine(arguments, "version", "from", "source", "into");
        var file = line.Words.Count == 1 ? line.Words[0] : throw new CommandException("Name the file: coe prices import FILE --version V --from YYYY-MM-DD --source TEXT");
        var from = DateOnly.TryParseExact(line.Required("from"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw new CommandException("--from needs a day as YYYY-MM-DD: the first on which calls are priced by it.");
        var folder = line.Optional("into") ?? Path.Combine("templates", "prices");
        if (!Directory.Exists(folder))
        {
            throw new CommandException($"There is no folder {folder}. Name it with --into.");
        }

        var imported = ImportPriceMap.Read(File.ReadAllText(file), line.Required("version"), from, line.Required("source"));
        foreach (var (reason, count) in imported.LeftOut.CountBy(l => l.Reason).OrderByDescending(r => r.Value))
        {
            Console.WriteLine($"left out {count}: {reason}");
        }

        var path = ImportPriceMap.Publish(imported.Book, folder);
        Console.WriteLine($"{imported.Book.Models.Count} models, {imported.LeftOut.Count} left out");
        Console.WriteLine(path);
        return 0;
    }
}
