using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using CoEPortal.Governance.ShadowAi;

namespace CoEPortal.Cli;

/// <summary>Looks for AI services in a log where the log is: nothing leaves the machine, and nobody is named.</summary>
internal static class ShadowAiCommands
{
    private static readonly Dictionary<string, LogFormat> Formats = new()
    {
        ["squid"] = LogFormat.Squid,
        ["squid-common"] = LogFormat.SquidCommon,
        ["dnsmasq"] = LogFormat.Dnsmasq,
        ["bind"] = LogFormat.Bind,
    };

    public static async Task<int> ScanAsync(string[] arguments)
    {
        var asJson = arguments.Contains("--json");
        var line = new CommandLine([.. arguments.Where(a => a != "--json")], "format", "departments", "catalogue");
        var file = line.Words is [var only] ? only : throw new CommandException("coe shadow-ai scan FILE [--format squid] [--departments FILE] [--catalogue FILE] [--json]");
        var format = Formats.TryGetValue(line.Optional("format") ?? "squid", out var known) ? known : throw new CommandException($"--format is one of {string.Join(", ", Formats.Keys)}.");
        var catalogue = line.Optional("catalogue") is { } given
            ? ServiceCatalogue.Parse(await File.ReadAllTextAsync(given), Path.GetFileName(given))
            : ServiceCatalogue.Newest(Path.Combine(AppContext.BaseDirectory, "templates", "shadow-ai"));
        var departments = line.Optional("departments") is { } list ? Departments.Parse(File.ReadLines(list), Path.GetFileName(list)) : Departments.None;

        await using var stream = Open(file);
        var scanned = await new LogScan(new HostMatcher(catalogue), departments).RunAsync(stream, format, TimeProvider.System.GetUtcNow());
        if (asJson)
        {
            Console.WriteLine(Json(scanned, catalogue));
        }
        else
        {
            Print(scanned, catalogue);
        }

        return 0;
    }

    private static Stream Open(string file)
    {
        var stream = file == "-" ? Console.OpenStandardInput() : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.SequentialScan);
        return file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static void Print(ScannedLog scanned, ServiceCatalogue catalogue)
    {
        Console.WriteLine(Text($"{"service",-28} {"department",-24} {"people",8} {"requests",10} {"blocked",9} {"MB",10}  first seen, last seen (UTC)"));
        foreach (var ((service, department), usage) in scanned.Services.OrderByDescending(s => s.Value.People).ThenBy(s => s.Key.Service.Id, StringComparer.Ordinal).ThenBy(s => s.Key.Department, StringComparer.Ordinal))
        {
            Console.WriteLine(Row(service.Name, department, usage));
        }

        foreach (var ((host, imitates, department), usage) in scanned.LookAlikes.OrderByDescending(s => s.Value.People).ThenBy(s => s.Key.Host, StringComparer.Ordinal))
        {
            Console.WriteLine(Row(host, $"{department}, like {imitates.Name}", usage));
        }

        foreach (var fault in scanned.Faults.Where(f => f.Fault is not LineFault.Other))
        {
            Console.WriteLine(Text($"{fault.Count:N0} lines not read ({InWords(fault.Fault)}), the first at byte {fault.FirstAt:N0}"));
        }

        Console.WriteLine(Text($"{scanned.Lines:N0} lines, {scanned.Clients:N0} addresses, {scanned.People:N0} people with AI services; catalogue {catalogue.Version} of {catalogue.Services.Count} services{(scanned.IsCut ? "; more people than are counted" : "")}"));
    }

    private static string Row(string name, string department, ServiceUsage usage) => Text(
        $"{Printable(name),-28} {Printable(department),-24} {usage.People,8:N0} {usage.Requests,10:N0} {usage.BlockedRequests,9:N0} {usage.Bytes / 1e6,10:N1}  {usage.FirstSeen:yyyy-MM-dd HH:mm}, {usage.LastSeen:yyyy-MM-dd HH:mm}");

    private static string Json(ScannedLog scanned, ServiceCatalogue catalogue) => JsonSerializer.Serialize(
        new
        {
            catalogue = catalogue.Version,
            scanned.Lines,
            scanned.Clients,
            scanned.People,
            scanned.IsCut,
            faults = scanned.Faults.Select(f => new { fault = f.Fault.ToString(), f.Count, f.FirstAt }),
            services = scanned.Services.Select(s => new { service = s.Key.Service.Id, s.Key.Department, usage = s.Value }),
            lookAlikes = scanned.LookAlikes.Select(s => new { s.Key.Host, imitates = s.Key.Imitates.Id, s.Key.Department, usage = s.Value }),
        },
        JsonSerializerOptions.Web);

    private static string InWords(LineFault fault) => fault switch
    {
        LineFault.TooLong => "longer than 64 KiB",
        LineFault.TooShort => "too few fields; is it another format?",
        LineFault.Time => "no time that could be",
        LineFault.Who => "a user or an address longer than any",
        _ => "no host",
    };

    /// <summary>A log is written by strangers, and a terminal obeys control characters.</summary>
    private static string Printable(string text) => new([.. text.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format ? '?' : c)]);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
