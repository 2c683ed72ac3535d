using System.Text.Json;
using CoEPortal.Enforcement.Ingest;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Enforcement.Alerts;

/// <summary>
/// Alertmanager's webhook, version 4 (prometheus.io, "Alerting configuration", webhook_config). Each alert of the group is
/// a signal; it is the same signal when it is sent again, and ends when it is resolved.
/// </summary>
internal static class AlertmanagerWebhook
{
    private const int MostAlerts = 1_000;
    private const int MostLabels = 30;

    private static readonly string[] UseCaseLabels = ["ai_use_case_id", "use_case", "use_case_id"];

    public static void Read(JsonElement body, DateTimeOffset now, List<ReportedSignal> signals, List<string> rejected)
    {
        var group = new LogFields(body);
        if (group.Text("version") is not "4")
        {
            rejected.Add("only version 4 of the webhook is known");
            return;
        }

        foreach (var element in group.Elements("alerts", MostAlerts))
        {
            var alert = new LogFields(element);
            var signal = SignalOf(alert, element, now);
            if (alert.Fault is { } fault)
            {
                rejected.Add(fault);
            }
            else
            {
                signals.Add(signal);
            }
        }
    }

    private static ReportedSignal SignalOf(LogFields alert, JsonElement element, DateTimeOffset now)
    {
        var isFiring = alert.Text("status") is not "resolved";
        var started = alert.Instant("startsAt", now);
        if (started is null)
        {
            alert.Reject("startsAt is missing");
        }

        if (alert.Text("fingerprint") is null)
        {
            alert.Reject("fingerprint is missing");
        }

        return new ReportedSignal
        {
            Source = "alertmanager",
            Fingerprint = alert.Text("fingerprint") ?? "",
            Name = alert.Text("labels.alertname") ?? "unnamed",
            IsFiring = isFiring,
            Severity = alert.Text("labels.severity") ?? "",
            Summary = alert.Text("annotations.summary") ?? "",
            StartedAt = started ?? now,
            // The end of an alert that still fires is a guess, or the year 1.
            EndedAt = isFiring ? null : alert.LikelyInstant("endsAt", now) ?? now,
            ClaimedUseCase = UseCaseLabels.Select(l => alert.Text("labels." + l)).FirstOrDefault(l => l is not null),
            Labels = LabelsOf(element),
        };
    }

    private static Dictionary<string, string> LabelsOf(JsonElement alert) =>
        alert.TryGetProperty("labels", out var labels) && labels.ValueKind is JsonValueKind.Object
            ? labels.EnumerateObject().Where(l => l.Value.ValueKind is JsonValueKind.String && l.Name.Length <= 100 && l.Value.GetString()!.Length <= 200)
                .DistinctBy(l => l.Name).Take(MostLabels).ToDictionary(l => Clean(l.Name), l => Clean(l.Value.GetString()!))
            : [];

    // PostgreSQL refuses NUL in a text, and jsonb refuses it too.
    private static string Clean(string text) => Secrets.Redact(string.Concat(text.Where(c => !char.IsControl(c))));
}
