using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoEPortal.Tests.Enforcement.Otlp;

/// <summary>Guards the figures in the shipped price book against typing errors.</summary>
public sealed partial class PriceBookFileTests
{
    private static readonly (string Ours, string Theirs)[] Prices =
    [
        ("inputPerToken", "input_cost_per_token"),
        ("cachedInputPerToken", "cache_read_input_token_cost"),
        ("outputPerToken", "output_cost_per_token"),
    ];

    [Fact]
    public void Every_price_is_the_one_of_the_public_map_it_names_as_its_source()
    {
        using var map = JsonDocument.Parse(File.ReadAllText(Captures.Locate("data/litellm-model-prices.json")));
        var book = File.ReadAllText(Path.Combine(Captures.Root(), "templates", "prices", "2026-07.yaml"));

        var models = book.Split("  - name: ").Skip(1).ToList();
        Assert.InRange(models.Count, 25, 40);
        foreach (var model in models)
        {
            var name = model.Split('\n')[0];
            var listed = map.RootElement.GetProperty(name);
            var prices = PriceLine().Matches(model).ToDictionary(
                line => line.Groups[1].Value,
                line => decimal.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));
            foreach (var (ours, theirs) in Prices)
            {
                decimal? expected = listed.TryGetProperty(theirs, out var price) ? price.GetDecimal() : null;
                Assert.Equal((name, ours, expected), (name, ours, prices.TryGetValue(ours, out var p) ? p : null));
            }
        }
    }

    [GeneratedRegex(@"^    (\w+PerToken): ([0-9.]+)$", RegexOptions.Multiline)]
    private static partial Regex PriceLine();
}
