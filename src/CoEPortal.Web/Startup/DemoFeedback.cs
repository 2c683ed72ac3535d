using CoEPortal.Governance.Access;
using CoEPortal.Governance.Feedback;
using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Telemetry;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What people of the demo organisation think of answers, what became of it, and what evaluations and alerts say.</summary>
public sealed class DemoFeedback(IDbContextFactory<GovernanceDb> databases, Organisation organisation, TimeProvider realClock)
{
    private const int OneOfIsNegative = 6;
    private const int Weeks = 8;

    private static readonly string[] Complaints =
    [
        "Quotes the tariff of last year for glass damage.",
        "Found nothing although the wording is in the handbook, section 12.",
        "Answer is right but the link leads to the start page.",
        "Too long. I need the sum, not the history of the product.",
        "Looked up the wrong contract: the customer has two.",
        "Says the waiting period is three months, it is six since January.",
        "Did not notice that the policy was cancelled.",
        "Mixed up household and building insurance again.",
    ];

    private static readonly string[] Praise = ["", "", "Saved me a call to the back office.", "", "Good, with the right section quoted.", "", "Fast today.", ""];

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        var assistant = await KeyOfAsync("Policy question assistant", cancellation);
        await SayAsync(assistant, "policy-assistant-ui", 156, Complaints, cancellation);
        await SayAsync(await KeyOfAsync("Developer documentation search", cancellation), "docs-search-ui", 30, ["Finds the old runbook first.", "Does not know the new build server."], cancellation);
        await EnterAsync(await KeyOfAsync("Fraud hint generator", cancellation), cancellation);
        await TriageAsync(assistant, cancellation);
        await EvaluateAsync(assistant, cancellation);
        await AlertAsync(assistant, cancellation);
        await new TightenCriterion(databases, new DemoClock(Ago(5))).RunAsync(
            assistant, 3, 12, "Two bad afternoons in a row; we want to hear of the third one earlier.", Who("coe-lead"), cancellation);
    }

    private async Task SayAsync(string key, string source, int count, string[] complaints, CancellationToken cancellation)
    {
        var said = Enumerable.Range(0, count).Select(i =>
        {
            var isGood = i % OneOfIsNegative != 0;
            var text = isGood ? Praise[i % Praise.Length] : complaints[i / OneOfIsNegative % complaints.Length];
            return new ReportedFeedback(
                FormattableString.Invariant($"f-{i}"), null, FeedbackDraft.Of(isGood, i % 4 == 0 ? isGood ? 4 + i % 2 : 1 + i % 2 : null, text, FormattableString.Invariant($"chatcmpl-{key}-{i}")),
                Ago(0.2 + i * 40.0 / count));
        });
        await new RecordFeedback(databases, organisation, realClock).RunAsync([.. said], key, source, cancellation);
    }

    private async Task EnterAsync(string key, CancellationToken cancellation)
    {
        await new EnterFeedback(databases, organisation, new DemoClock(Ago(11))).RunAsync(
            key, FeedbackDraft.Of(false, 2, "Three hints this week were about claims that are long settled.", null), Who("submitter"), cancellation);
        await new EnterFeedback(databases, organisation, new DemoClock(Ago(3))).RunAsync(
            key, FeedbackDraft.Of(true, 5, "The hint on the double invoice was right, and we would not have seen it.", null), Who("submitter"), cancellation);
    }

    private async Task TriageAsync(string key, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var bad = await db.UserFeedback.AsNoTracking().Where(f => f.UseCaseKey == key && f.Opinion == Opinion.Negative)
            .OrderBy(f => f.GivenAt).Select(f => new { f.Id, f.GivenAt }).Take(11).ToListAsync(cancellation);
        (FeedbackFix Fix, string Note)[] fixes =
        [
            (FeedbackFix.Retrieval, "Wordings before 2026 are still in the index."), (FeedbackFix.Tool, "Contract lookup takes the first match."),
            (FeedbackFix.Prompt, "Ask for the answer first, then the source."), (FeedbackFix.Ui, "Link has to carry the section."),
        ];
        foreach (var (feedback, at) in bad.Select((f, i) => (f, i)))
        {
            var (fix, note) = fixes[at % fixes.Length];
            var triage = new TriageFeedback(databases, new DemoClock(feedback.GivenAt.AddHours(20)));
            await triage.RunAsync(feedback.Id, fix, at % 3 == 2 ? null : Who(at % 3 == 0 ? "submitter2" : "coe-lead").Id, note, Who("coe-lead"), cancellation: cancellation);
            if (at < 5)
            {
                await new TriageFeedback(databases, new DemoClock(feedback.GivenAt.AddDays(4))).FinishAsync(
                    feedback.Id, fix is FeedbackFix.Retrieval ? "Index rebuilt without old wordings." : "Changed and tried on 20 questions.", Who("coe-lead"), cancellation: cancellation);
            }
        }
    }

    private async Task EvaluateAsync(string key, CancellationToken cancellation)
    {
        decimal[] scores = [0.952m, 0.948m, 0.951m, 0.944m, 0.941m, 0.943m, 0.938m, 0.936m];
        await new RecordEvaluations(databases, organisation, realClock).RunAsync(
            [.. Enumerable.Range(0, Weeks).Select(week => new ReportedEvaluation(FormattableString.Invariant($"golden-{week}"), null, "golden-set", scores[week], 400, Ago((Weeks - 1 - week) * 7 + 0.5)))],
            key, "ci-evaluations", cancellation);
    }

    // Another alert than the one that the one-pager names: shown, and obeyed by nobody.
    private async Task AlertAsync(string key, CancellationToken cancellation) => await new RecordSignals(databases, organisation, realClock).RunAsync(
        [
            new ReportedSignal
            {
                Source = "alertmanager", Fingerprint = "demo-retries", Name = "GatewayRetriesHigh", IsFiring = false, Severity = "warning",
                Summary = "9 % of calls were tried again", StartedAt = Ago(9), EndedAt = Ago(8.9), Labels = new() { ["alertname"] = "GatewayRetriesHigh" },
            },
        ], key, cancellation);

    private async Task<string> KeyOfAsync(string title, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        return await db.UseCases.Where(u => u.Title == title).Select(u => u.Key).SingleAsync(cancellation);
    }

    private DateTimeOffset Ago(double days) => realClock.GetUtcNow().AddDays(-days);

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
