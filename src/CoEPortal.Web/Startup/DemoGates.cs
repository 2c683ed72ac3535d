using System.Security.Cryptography;
using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Gates;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Persistence;
using CoEPortal.Governance.Policies;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Web.Startup;

/// <summary>What pipelines of the demo organisation pushed, what the board made of it, and what a red team found.</summary>
public sealed class DemoGates(
    IDbContextFactory<GovernanceDb> databases, PublishedDefinitions definitions, LaneRuntime lanes, VersionedFiles<GateRules> rules, Organisation organisation, TimeProvider realClock)
{
    private const string Pipeline = "ci-prompts";

    internal async Task MakeAsync(CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var lead = Who("coe-lead").Id.Value;
        var approved = await db.UseCases.AsNoTracking().Where(u => u.ApprovedRevision != null && (u.Lane == Lane.Standard || u.Lane == Lane.Full) && !u.Editors.Contains(lead))
            .OrderBy(u => u.Key).Select(u => new { u.Key, u.Lane }).Take(4).ToListAsync(cancellation);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signing = approved.Count > 1 ? approved[1].Key : null;
        if (signing is not null)
        {
            await new ManagePipelineKeys(databases, new DemoClock(Ago(20))).AddAsync("ci-prompts of 2026", pair.ExportSubjectPublicKeyInfoPem(), signing, Ago(-345), Who("admin"), cancellation);
        }

        for (var at = 0; at < approved.Count; at++)
        {
            var (key, full) = (approved[at].Key, approved[at].Lane is Lane.Full);
            var artefact = new VersionPointer(Component.Prompt, "answer", "11");
            await PushAsync(key, artefact, "a", full, 9, 0.941m, key == signing ? pair : null, cancellation);
            var promotion = await At(8).RunAsync(key, artefact, Hash("a"), "Shorter answers, source first.", null, Pipeline, cancellation);
            foreach (var persona in at == 3 ? ["security"] : new[] { "security", "risk", "coe-lead" })
            {
                await AgreeAsync(promotion, Ago(6.5), Who(persona), cancellation);
            }
        }

        if (approved.Count < 3)
        {
            return;
        }

        var (first, second) = (approved[0], approved[1]);
        await PushAsync(first.Key, new(Component.Prompt, "answer", "12"), "b", first.Lane is Lane.Full, 2, 0.954m, null, cancellation);
        await At(1).RunAsync(first.Key, new(Component.Prompt, "answer", "12"), Hash("b"), "Names the section of the wording in each answer.", null, Pipeline, cancellation);
        await PushAsync(second.Key, new(Component.Index, "wordings", "2026-11"), "c", second.Lane is Lane.Full, 1, 0.872m, pair, cancellation);
        await new SetGateMetric(databases, rules, new DemoClock(Ago(12))).RunAsync(first.Key, "golden-set", "citation-rate", 0.9m, null, "An answer without its source helps nobody here.", Who("risk"), cancellation);
        await FindAsync(approved[2].Key, cancellation);
    }

    private async Task PushAsync(string key, VersionPointer which, string seed, bool all, double daysAgo, decimal accuracy, ECDsa? signer, CancellationToken cancellation)
    {
        var record = new RecordGateResult(databases, rules, organisation, new DemoClock(Ago(daysAgo)));
        (string Suite, Dictionary<string, decimal> Figures)[] runs =
        [
            ("golden-set", new() { ["accuracy"] = accuracy, ["hallucination-rate"] = 0.012m, ["citation-rate"] = 0.97m }),
            ("safety", new() { ["toxicity"] = 0.001m, ["injection-success"] = 0.01m }),
            ("cost", new() { ["cost-per-output"] = 0.034m }),
        ];
        foreach (var (suite, figures) in all ? runs : runs[..1])
        {
            var run = FormattableString.Invariant($"build-{4100 + (int)(daysAgo * 7)}");
            var result = new ReportedResult(run, which, Hash(seed), suite, 400, figures, Ago(daysAgo + 0.02), null);
            await record.RunAsync(key, result with { Proof = signer is null ? null : Sign(key, result, signer) }, null, Pipeline, cancellation);
        }
    }

    private static SignedReport Sign(string key, ReportedResult result, ECDsa signer)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                useCase = key,
                runId = result.RunId,
                component = result.Which.Component.ToString().ToLowerInvariant(),
                name = result.Which.Name,
                version = result.Which.Version,
                artefactHash = result.ArtefactHash,
                suite = result.Suite,
                examples = result.Examples,
                metrics = result.Metrics,
                evaluatedAt = result.EvaluatedAt,
            });
        return new(key, body, signer.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
    }

    private async Task FindAsync(string key, CancellationToken cancellation)
    {
        async Task<RedTeamFinding> ReportAsync(double daysAgo, string title, Severity severity, OwaspRisk owasp) =>
            await Follow(daysAgo).ReportAsync(key, new FindingDraft(title, "", severity, owasp, Who("coe-lead").Id, null), Who("security"), cancellation);

        await ReportAsync(3, "Follows an instruction hidden in an attached letter", Severity.High, OwaspRisk.PromptInjection);
        var fixedOne = await ReportAsync(20, "Shows its system prompt when asked in French", Severity.Medium, OwaspRisk.SystemPromptLeakage);
        await Follow(12).FixAsync(fixedOne.Key, "Moved the rules out of the prompt.", Who("coe-lead"), cancellation);
        var closed = await ReportAsync(30, "Answers with a link to a page that does not exist", Severity.Low, OwaspRisk.Misinformation);
        await Follow(22).FixAsync(closed.Key, "Links only from the index.", Who("coe-lead"), cancellation);
        await Follow(20).RetestAsync(closed.Key, true, "Fifty tries, none invented.", Who("security2"), cancellation);
    }

    private RequestPromotion At(double daysAgo) => new(databases, definitions, lanes, rules, organisation, new DemoClock(Ago(daysAgo)));

    private async Task AgreeAsync(Promotion promotion, DateTimeOffset at, Actor person, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        var functions = person.Roles.ToList();
        var task = await db.ReviewTasks.AsNoTracking().Where(t => t.State == TaskState.Open && functions.Contains(t.Function) && db.ApprovalRounds.Any(r => r.Id == t.RoundId && r.TopicId == promotion.Id))
            .Select(t => t.Id).SingleAsync(cancellation);
        await new DecideReview(databases, lanes, organisation, new DemoClock(at)).RunAsync(
            task, new DecisionDraft(DecisionKind.Approve, "", [], promotion.ArtefactHash), person with { ConfirmedAt = at }, cancellation: cancellation);
    }

    private FollowFinding Follow(double daysAgo) => new(databases, rules, organisation, new DemoClock(Ago(daysAgo)));

    private static string Hash(string seed) => Evidence.ContentHash.OfBytes(System.Text.Encoding.UTF8.GetBytes(seed)).ToString();

    private DateTimeOffset Ago(double days) => realClock.GetUtcNow().AddDays(-days);

    private static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;
}
