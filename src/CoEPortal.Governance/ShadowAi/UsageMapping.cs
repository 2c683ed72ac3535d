using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Where something was seen.</summary>
public enum UsageSource { Proxy, Dns, SignIn, Spend, Survey }

/// <summary>How the columns of a CSV export say who used what (<c>templates/shadow-ai/import-*.yaml</c>).</summary>
public sealed record UsageMapping
{
    public const string Files = "import-*.yaml";

    private static readonly string[] Fields = ["at", "user", "client", "host", "tool", "department", "bytes", "cost", "currency", "action"];

    public string Name { get; init; } = "";

    public string Title { get; init; } = "";

    public UsageSource Source { get; init; }

    /// <summary>The character between cells.</summary>
    public string Delimiter { get; init; } = ",";

    /// <summary>For each field the columns it may stand in; the first that the file has.</summary>
    public Dictionary<string, List<string>> Columns { get; init; } = [];

    /// <summary>How times are written; <c>epoch</c> for seconds since 1970.</summary>
    public List<string> Times { get; init; } = [];

    /// <summary>IANA name; for times that do not say it.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>Answers of the column action that mean that it was not let through.</summary>
    public List<string> Blocked { get; init; } = [];

    /// <summary>Of amounts without a column for it.</summary>
    public string Currency { get; init; } = "";

    /// <exception cref="InvalidDataException">It cannot be read or contradicts itself; says where.</exception>
    public static UsageMapping Parse(string yaml, string file)
    {
        var mapping = YamlFile.Read<UsageMapping>(yaml, file);
        return mapping.Fault() is { } fault ? throw new InvalidDataException($"{file}: {fault}") : mapping;
    }

    private string? Fault() =>
        Name.Length is 0 or > 60 || Title.Length is 0 or > 120 ? "name and title are needed."
        : Source is UsageSource.Survey ? "the survey is no file."
        : Delimiter.Length != 1 || Delimiter[0] > 127 ? "delimiter is one character."
        : Columns.Keys.FirstOrDefault(k => !Fields.Contains(k)) is { } stray ? $"there is no field '{stray}'. Fields are {string.Join(", ", Fields)}."
        : Columns.FirstOrDefault(c => c.Value is not { Count: > 0 }).Key is { } empty ? $"{empty} needs a column."
        : !Columns.ContainsKey("at") || Times.Count == 0 ? "at needs a column, and times how it is written."
        : !Columns.ContainsKey("user") && !Columns.ContainsKey("client") ? "user or client needs a column."
        : Columns.ContainsKey("host") == Columns.ContainsKey("tool") ? "either host or tool needs a column."
        : Columns.ContainsKey("cost") && !Columns.ContainsKey("currency") && Currency.Length != 3 ? "amounts need a currency."
        : !TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out _) ? $"there is no time zone '{Zone}'."
        : null;
}

/// <summary>What an import can be written as: a log of a known format, or a CSV export by a mapping.</summary>
/// <param name="Name">In the API and on the command line.</param>
public sealed record UsageFormat(string Name, string Title, UsageSource Source, LogFormat? Log, UsageMapping? Mapping);

/// <summary>Every format that an import can name.</summary>
public sealed class UsageFormats
{
    private const int MostFiles = 100;

    public UsageFormats(string folder)
    {
        var (known, refused) = (new List<UsageFormat>
        {
            new("squid", "Squid, its own format", UsageSource.Proxy, LogFormat.Squid, null),
            new("squid-common", "Squid, as web servers write", UsageSource.Proxy, LogFormat.SquidCommon, null),
            new("dnsmasq", "dnsmasq", UsageSource.Dns, LogFormat.Dnsmasq, null),
            new("bind", "BIND query log", UsageSource.Dns, LogFormat.Bind, null),
        }, new List<RefusedFile>());
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, UsageMapping.Files).Order(StringComparer.Ordinal).Take(MostFiles) : [])
        {
            try
            {
                var mapping = UsageMapping.Parse(File.ReadAllText(path), Path.GetFileName(path));
                if (known.Exists(f => f.Name == mapping.Name))
                {
                    throw new InvalidDataException($"{Path.GetFileName(path)}: there is another {mapping.Name}.");
                }

                known.Add(new UsageFormat(mapping.Name, mapping.Title, mapping.Source, null, mapping));
            }
            catch (InvalidDataException fault)
            {
                refused.Add(new RefusedFile(Path.GetFileName(path), 0, fault.Message));
            }
        }

        (All, Refused) = (known, refused);
    }

    public IReadOnlyList<UsageFormat> All { get; }

    public IReadOnlyList<RefusedFile> Refused { get; }

    public UsageFormat? Find(string name) => All.FirstOrDefault(f => f.Name == name);
}
