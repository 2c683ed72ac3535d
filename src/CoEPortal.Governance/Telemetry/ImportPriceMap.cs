using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoEPortal.Governance.Telemetry;

/// <summary>A book made from a price map, and the models it leaves out, with the reason.</summary>
public sealed record ImportedPrices(PriceBook Book, IReadOnlyList<(string Model, string Reason)> LeftOut);

/// <summary>
/// Makes a price book of LiteLLM's public price map (<c>model_prices_and_context_window.json</c>, MIT licence): prices for
/// text tokens, cached, cache-written, of batches, and of long inputs. A book is a file that people review and deploy; a
/// published one is never overwritten, because stored costs name it.
/// </summary>
public static partial class ImportPriceMap
{
    private static readonly string[] TextModes = ["chat", "completion", "responses", "embedding"];

    /// <exception cref="InvalidDataException">The map or the version cannot be used; says why.</exception>
    public static ImportedPrices Read(string json, string version, DateOnly effectiveFrom, string source)
    {
        if (!VersionName().IsMatch(version))
        {
            throw new InvalidDataException("A version is 1 to 40 letters, digits, points and hyphens, for example 2026-11.");
        }

        if (string.IsNullOrWhiteSpace(source) || source.Length > 500 || source.Any(char.IsControl))
        {
            throw new InvalidDataException("Say in one line of at most 500 characters where the prices come from.");
        }

        using var map = Parse(json);
        var models = new List<ModelPrice>();
        var leftOut = new List<(string, string)>();
        foreach (var entry in map.RootElement.EnumerateObject().Where(e => e.Name is not "sample_spec").OrderBy(e => e.Name, StringComparer.Ordinal))
        {
            switch (ReasonToLeaveOut(entry.Value))
            {
                case { } reason:
                    leftOut.Add((entry.Name, reason));
                    break;
                default:
                    models.Add(PriceOf(entry.Name, entry.Value));
                    break;
            }
        }

        // A name that differs from another only in case is looked up as one.
        var twice = models.GroupBy(m => m.Name, StringComparer.OrdinalIgnoreCase).SelectMany(g => g.Skip(1)).ToList();
        leftOut.AddRange(twice.Select(m => (m.Name, "listed twice")));
        var book = new PriceBook { Version = version, EffectiveFrom = effectiveFrom, Source = source.Trim(), Models = [.. models.Except(twice)] };
        return new ImportedPrices(PriceBook.Parse(PriceBookFile.Write(book), version), leftOut);
    }

    /// <summary>Writes the book beside the others.</summary>
    /// <returns>The path of the new file.</returns>
    /// <exception cref="InvalidDataException">There is a book of this version or of this day already.</exception>
    public static string Publish(PriceBook book, string folder)
    {
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.yaml") : [])
        {
            var other = PriceBook.Parse(File.ReadAllText(path), Path.GetFileName(path));
            if (other.Version == book.Version || other.EffectiveFrom == book.EffectiveFrom)
            {
                throw new InvalidDataException(
                    $"{Path.GetFileName(path)} is already there with version {other.Version} from {other.EffectiveFrom:yyyy-MM-dd}. Stored costs name it: give another version and day.");
            }
        }

        var file = Path.Combine(folder, book.Version + ".yaml");
        using var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
        using var writer = new StreamWriter(stream);
        writer.Write(PriceBookFile.Write(book));
        return file;
    }

    private static JsonDocument Parse(string json)
    {
        try
        {
            var map = JsonDocument.Parse(json);
            return map.RootElement.ValueKind is JsonValueKind.Object ? map : throw new InvalidDataException("A price map is one JSON object, a model for each name.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"The price map is not JSON: {error.Message}", error);
        }
    }

    private static string? ReasonToLeaveOut(JsonElement model)
    {
        if (model.ValueKind is not JsonValueKind.Object)
        {
            return "no model";
        }

        var mode = model.TryGetProperty("mode", out var named) ? named.GetString() : null;
        return !TextModes.Contains(mode) ? $"priced by something else than text tokens ({mode ?? "no mode"})"
            : Price(model, "input_cost_per_token") is null ? "no price for input tokens"
            : mode is not "embedding" && Price(model, "output_cost_per_token") is null ? "no price for output tokens"
            : null;
    }

    private static ModelPrice PriceOf(string name, JsonElement model) => new()
    {
        Name = name,
        Provider = model.TryGetProperty("litellm_provider", out var provider) ? provider.GetString() ?? "" : "",
        InputPerToken = Price(model, "input_cost_per_token")!.Value,
        CachedInputPerToken = Price(model, "cache_read_input_token_cost"),
        CacheWritePerToken = Price(model, "cache_creation_input_token_cost"),
        OutputPerToken = Price(model, "output_cost_per_token") ?? 0,
        BatchInputPerToken = Price(model, "input_cost_per_token_batches"),
        BatchOutputPerToken = Price(model, "output_cost_per_token_batches"),
        LongContext = LongContextOf(model),
    };

    /// <summary><c>input_cost_per_token_above_200k_tokens</c> and the like; the lowest limit, if there were several.</summary>
    private static LongContextPrice? LongContextOf(JsonElement model) => model.EnumerateObject()
        .Select(p => AboveTokens().Match(p.Name)).Where(m => m.Success).OrderBy(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))
        .Select(m => m.Groups[1].Value).Take(1)
        .Select(thousands => new LongContextPrice
        {
            AboveInputTokens = 1000 * long.Parse(thousands, System.Globalization.CultureInfo.InvariantCulture),
            InputPerToken = Price(model, $"input_cost_per_token_above_{thousands}k_tokens")!.Value,
            CachedInputPerToken = Price(model, $"cache_read_input_token_cost_above_{thousands}k_tokens"),
            CacheWritePerToken = Price(model, $"cache_creation_input_token_cost_above_{thousands}k_tokens"),
            OutputPerToken = Price(model, $"output_cost_per_token_above_{thousands}k_tokens") ?? Price(model, "output_cost_per_token") ?? 0,
        }).FirstOrDefault();

    private static decimal? Price(JsonElement model, string name) =>
        model.TryGetProperty(name, out var price) && price.ValueKind is JsonValueKind.Number && price.TryGetDecimal(out var dollars) ? dollars : null;

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
    private static partial Regex VersionName();

    [GeneratedRegex("^input_cost_per_token_above_([0-9]{1,6})k_tokens$")]
    private static partial Regex AboveTokens();
}
