using System.Globalization;
using System.Text;
using CoEPortal.Governance.ShadowAi;

namespace CoEPortal.Web.ShadowAi;

/// <summary>Findings as a CSV file (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe in front: names come from logs that strangers write.</summary>
public static class FindingsCsv
{
    private static readonly string[] Headers =
    [
        "No.", "Tool", "Vendor", "Department", "Look-alike", "Seen in", "People", "Addresses", "Answers", "People before", "Requests", "Blocked", "Bytes", "Spend", "First seen (UTC)", "Last seen (UTC)", "Days", "Risk", "Risk level",
        "Why", "Disposition", "Replaced by", "Reason", "Owner", "Due", "Until", "Carried out (UTC)", "Use case",
    ];

    public static string Of(IReadOnlyList<FindingRow> rows)
    {
        var csv = new StringBuilder("\ufeff");
        Line(csv, Headers);
        foreach (var row in rows)
        {
            var f = row.Finding;
            Line(csv,
            [
                $"F{f.Number}", f.Name, f.Vendor, f.Department, f.IsLookAlike ? "yes" : "no", string.Join(", ", f.Sources.Select(CampaignWords.Of)), Number(f.People), Number(f.Addresses), Number(f.Answers), row.Before is { } before ? Number(before) : "",
                Number(f.Requests), Number(f.BlockedRequests), Number(f.Bytes), f.Spend?.ToString("0.00", CultureInfo.InvariantCulture) ?? "", Instant(f.FirstSeen), Instant(f.LastSeen), Number(f.SeenOn.Count), Number(f.Risk), f.RiskLevel.ToString(),
                string.Join(" ", f.RiskPoints.Select(p => p.Sentence)), CampaignWords.Of(f).Word, f.ReplacedBy ?? "", f.Reason, f.OwnerName ?? "", Day(f.DueOn), Day(f.Until), Instant(f.DoneAt), f.UseCaseKey ?? "",
            ]);
        }

        return csv.ToString();
    }

    private static void Line(StringBuilder csv, IReadOnlyList<string> cells) => csv.AppendJoin(',', cells.Select(Cell)).Append("\r\n");

    public static string Cell(string text)
    {
        text = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠' ? "'" + text : text;
        return text.AsSpan().ContainsAny(",\"\r\n'") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "";

    private static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
}
