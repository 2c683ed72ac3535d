using System.Globalization;
using System.Text;

namespace CoEPortal.Governance.Telemetry;

/// <summary>Writes a price book as it is read from <c>templates/prices</c>: decimal notation, one price a line, for people to review.</summary>
public static class PriceBookFile
{
    public static string Write(PriceBook book)
    {
        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"version: {Quoted(book.Version)}\neffectiveFrom: {Quoted(book.EffectiveFrom.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))}\n");
        yaml.Append(CultureInfo.InvariantCulture, $"currency: {book.Currency}\nsource: {Quoted(book.Source)}\n# US dollars for one token.\nmodels:\n");
        foreach (var model in book.Models)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  - name: {Quoted(model.Name)}\n    provider: {Quoted(model.Provider)}\n");
            Line("    inputPerToken", model.InputPerToken);
            Line("    cachedInputPerToken", model.CachedInputPerToken);
            Line("    cacheWritePerToken", model.CacheWritePerToken);
            Line("    outputPerToken", model.OutputPerToken);
            Line("    batchInputPerToken", model.BatchInputPerToken);
            Line("    batchOutputPerToken", model.BatchOutputPerToken);
            if (model.LongContext is { } dear)
            {
                yaml.Append("    longContext:\n");
                Line("      aboveInputTokens", dear.AboveInputTokens);
                Line("      inputPerToken", dear.InputPerToken);
                Line("      cachedInputPerToken", dear.CachedInputPerToken);
                Line("      cacheWritePerToken", dear.CacheWritePerToken);
                Line("      outputPerToken", dear.OutputPerToken);
            }
        }

        return yaml.ToString();

        void Line(string name, decimal? price)
        {
            if (price is { } value)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"{name}: {value:0.##################}\n");
            }
        }
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
