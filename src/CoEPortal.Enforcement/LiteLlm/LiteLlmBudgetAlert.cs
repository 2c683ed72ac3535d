using System.Globalization;
using CoEPortal.Enforcement.Ingest;
using CoEPortal.Enforcement.Otlp;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.LiteLlm;

/// <summary>
/// LiteLLM's budget webhook (docs.litellm.ai, proxy/alerting, "Webhooks"). It names its subject by the hash of a key or by
/// a team, and gives no time: what it says twice a day of one subject is one signal. Tested against the documented payload only.
/// </summary>
internal static class LiteLlmBudgetAlert
{
    public static ReportedSignal? Read(LogFields alert, DateTimeOffset now)
    {
        if (alert.Text("event") is not { } happened)
        {
            alert.Reject("event is missing");
            return null;
        }

        var (token, team) = (GenAiNormaliser.Sha256Of(alert.Text("token")), alert.Text("team_id"));
        var (spend, budget) = (alert.Cost("spend"), alert.Cost("max_budget"));
        var group = alert.Text("event_group") ?? "";
        var subject = token is not null ? "key " + token[..12] : team is not null ? "team " + team : alert.Text("customer_id") ?? alert.Text("user_id") ?? "proxy";
        return new ReportedSignal
        {
            Source = "litellm",
            Fingerprint = $"{happened}/{group}/{subject}",
            Name = happened,
            IsFiring = true,
            Severity = happened switch { "budget_crossed" => "critical", "spend_tracked" => "info", _ => "warning" },
            Summary = string.Create(CultureInfo.InvariantCulture, $"{group} {subject}: ${spend ?? 0:0.####} of ${budget ?? 0:0.####} spent"),
            StartedAt = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero),
            KeyHash = token,
            Team = team,
            Labels = [],
        };
    }
}
