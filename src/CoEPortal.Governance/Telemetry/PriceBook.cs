using System.Text.RegularExpressions;
using CoEPortal.Governance.Policies;

namespace CoEPortal.Governance.Telemetry;

/// <summary>Prices from one day on (<c>templates/prices/*.yaml</c>), with where they come from.</summary>
public sealed record PriceBook
{
    public string Version { get; init; } = "";

    public DateOnly EffectiveFrom { get; init; }

    public string Currency { get; init; } = "USD";

    public string Source { get; init; } = "";

    public List<ModelPrice> Models { get; init; } = [];

    /// <exception cref="InvalidDataException">The file cannot be read or contradicts itself; says where.</exception>
    public static PriceBook Parse(string yaml, string name)
    {
        var book = YamlFile.Read<PriceBook>(yaml, name);
        var fault = book switch
        {
            { Version.Length: 0 } or { Source.Length: 0 } => "version and source are needed.",
            { Currency: not "USD" } => "prices are in USD; another currency would be summed as if it were.",
            _ when book.Models.Exists(m => m.IsNegative) => "a price is negative.",
            _ when book.Models.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1) is { } twice => $"'{twice.Key}' is listed twice.",
            _ => null,
        };
        return fault is null ? book : throw new InvalidDataException($"{name}: {fault}");
    }
}

/// <summary>What a call cost and who says so.</summary>
public readonly record struct CallCost(decimal? Dollars, string Origin)
{
    public const string Reported = "reported";
    public const string Unknown = "unknown";
}

/// <summary>The price books of this installation, read once at the start.</summary>
public sealed partial class PriceBooks
{
    /// <summary>Digits after the point that are stored. A price of a billionth of a dollar is still exact.</summary>
    public const int Decimals = 12;

    private readonly List<(PriceBook Book, Dictionary<string, ModelPrice> Models)> _books;

    public PriceBooks(string folder)
        : this(Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal).Select(p => PriceBook.Parse(File.ReadAllText(p), Path.GetFileName(p))))
    {
    }

    public PriceBooks(IEnumerable<PriceBook> books)
    {
        _books = [.. books.OrderByDescending(b => b.EffectiveFrom).Select(b => (b, b.Models.ToDictionary(m => m.Name, StringComparer.OrdinalIgnoreCase)))];
        if (_books.Count == 0)
        {
            throw new InvalidDataException("There is no price book.");
        }
    }

    /// <summary>
    /// Reported cost is taken as it is. Otherwise tokens are priced by the book in force when the call was made (the
    /// oldest book for what is older still), by response model, request model, then either without its date.
    /// A model without a price, or a call without usage, has an unknown cost, never a zero one.
    /// </summary>
    public CallCost CostOf(ReportedCall call)
    {
        if (call.ReportedCost is { } reported)
        {
            return new CallCost(Math.Round(reported, Decimals, MidpointRounding.ToEven), CallCost.Reported);
        }

        if (call.InputTokens is null && call.OutputTokens is null)
        {
            return new CallCost(null, CallCost.Unknown);
        }

        var day = DateOnly.FromDateTime(call.StartedAt.UtcDateTime);
        var (book, models) = _books.Find(b => b.Book.EffectiveFrom <= day) is { Book: not null } inForce ? inForce : _books[^1];
        foreach (var name in NamesOf(call))
        {
            if (models.TryGetValue(name, out var price))
            {
                return new CallCost(Math.Round(price.CostOf(call), Decimals, MidpointRounding.ToEven), "priced@" + book.Version);
            }
        }

        return new CallCost(null, CallCost.Unknown);
    }

    private static IEnumerable<string> NamesOf(ReportedCall call)
    {
        string?[] given = [call.ResponseModel, call.RequestModel];
        return given.OfType<string>().Concat(given.OfType<string>().Select(n => DateSuffix().Replace(n, "")));
    }

    // gpt-4o-2024-08-06, claude-3-5-sonnet-20241022, gemini-1.5-pro@20240501, gpt-4o-mini-2026
    [GeneratedRegex("[-@](20[0-9]{2}(-?[0-9]{2}){0,2}|latest)$")]
    private static partial Regex DateSuffix();
}
