using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Scoring;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Reliability;

/// <summary>The races that a review has to survive, on the standard lane: Privacy, Security and Legal at once, then the CoE lead.</summary>
internal static class Races
{
    private const string Asked = "asks Legal Privacy Security";
    private const string Three = "Legal Privacy Security";

    private static readonly Proposal Claims = TriageTests.RealProposal("Claims summarisation with retrieval");
    private static readonly Actor ThirdLegal = Somebody("legal3", Role.Legal);
    private static readonly Actor ThirdPrivacy = Somebody("privacy3", Role.Privacy);
    private static readonly Actor TwoHats = Somebody("two-hats", Role.Privacy, Role.Security);

    public static IReadOnlyList<Race> All { get; } =
    [
        new(
            "the same person twice on one task",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                var legal = await TaskAsync(node, key, Role.Legal);
                return new Contest(key, n => ApproveAsync(n, legal, hash, Who("legal")), n => ApproveAsync(n, legal, hash, Who("legal")));
            },
            new Ending("done", "already-decided", "InReview | 1 Open by Legal | asks Privacy Security"),
            new Ending("already-decided", "done", "InReview | 1 Open by Legal | asks Privacy Security")),

        new(
            "the same person for two functions",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                var (privacy, security) = (await TaskAsync(node, key, Role.Privacy), await TaskAsync(node, key, Role.Security));
                return new Contest(key, n => ApproveAsync(n, privacy, hash, TwoHats), n => ApproveAsync(n, security, hash, TwoHats));
            },
            new Ending("done", "already-decided", "InReview | 1 Open by Privacy | asks Legal Security"),
            new Ending("already-decided", "done", "InReview | 1 Open by Security | asks Legal Privacy")),

        new(
            "the last two votes",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                await ApproveAsync(node, key, hash, Role.Privacy);
                var (legal, security) = (await TaskAsync(node, key, Role.Legal), await TaskAsync(node, key, Role.Security));
                return new Contest(key, n => ApproveAsync(n, legal, hash, Who("legal")), n => ApproveAsync(n, security, hash, Who("security")));
            },
            new Ending("done", "done", $"InReview | 1 Open by {Three} | asks CoeLead")),

        // Somebody reads revision 1 and approves whatever asks for Legal at that moment; the authors replace revision 1 meanwhile.
        new(
            "an approval against an edit",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                Task Approve(Node n) => ApproveAsync(n, key, hash, Role.Legal);
                return new Contest(key, Approve, n => ReplaceAsync(n, key), Late: Approve);
            },
            new Ending("done, later content-changed", "done", $"InReview | 1 Withdrawn by Legal, 2 Open by nobody | {Asked}"),
            new Ending("nothing-asked, later content-changed", "done", $"InReview | 1 Withdrawn by nobody, 2 Open by nobody | {Asked}"),
            new Ending("review-closed, later content-changed", "done", $"InReview | 1 Withdrawn by nobody, 2 Open by nobody | {Asked}"),
            new Ending("content-changed, later content-changed", "done", $"InReview | 1 Withdrawn by nobody, 2 Open by nobody | {Asked}")),

        new(
            "an approval against a veto",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                await ApproveAsync(node, key, hash, Role.Privacy);
                var (legal, security) = (await TaskAsync(node, key, Role.Legal), await TaskAsync(node, key, Role.Security));
                return new Contest(key, n => ApproveAsync(n, legal, hash, Who("legal")), n => VetoAsync(n, security, hash, Who("security")));
            },
            new Ending("done", "done", "Declined | 1 Vetoed by Legal Privacy Security Veto | asks nobody"),
            new Ending("review-closed", "done", "Declined | 1 Vetoed by Privacy Security Veto | asks nobody")),

        new(
            "an approval against a veto on the last task",
            async node =>
            {
                var (key, hash, last) = await AllButLastAsync(node);
                return new Contest(key, n => ApproveAsync(n, last, hash, Who("coe-lead")), n => VetoAsync(n, last, hash, Who("coe-lead2")));
            },
            new Ending("done", "review-closed", $"Approved 1 | 1 Approved by CoeLead {Three} | asks nobody"),
            new Ending("review-closed", "done", $"Declined | 1 Vetoed by CoeLead Veto {Three} | asks nobody")),

        new(
            "the last approval against a withdrawal",
            async node =>
            {
                var (key, hash, last) = await AllButLastAsync(node);
                return new Contest(
                    key, n => ApproveAsync(n, last, hash, Who("coe-lead")),
                    n => n.Get<WithdrawProposal>().RunAsync(key, "We have to think again.", Who("submitter")));
            },
            new Ending("done", "not-in-review", $"Approved 1 | 1 Approved by CoeLead {Three} | asks nobody"),
            new Ending("review-closed", "done", $"Draft | 1 Withdrawn by {Three} | asks nobody")),

        new(
            "two stand-ins of one person on one task",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                var privacy = await TaskAsync(node, key, Role.Privacy);
                await node.Get<ClaimTask>().RunAsync(privacy, takeOver: false, Who("privacy"));
                return new Contest(key, n => ApproveAsync(n, privacy, hash, Who("privacy2")), n => ApproveAsync(n, privacy, hash, ThirdPrivacy));
            },
            new Ending("done", "function-decided", "InReview | 1 Open by Privacy | asks Legal Security"),
            new Ending("function-decided", "done", "InReview | 1 Open by Privacy | asks Legal Security")),

        new(
            "two stand-ins of one person for two functions",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                var (privacy, security) = (await TaskAsync(node, key, Role.Privacy), await TaskAsync(node, key, Role.Security));
                await node.Get<ClaimTask>().RunAsync(privacy, takeOver: false, TwoHats);
                await node.Get<ClaimTask>().RunAsync(security, takeOver: false, TwoHats);
                return new Contest(key, n => ApproveAsync(n, privacy, hash, Who("privacy2")), n => ApproveAsync(n, security, hash, Who("security2")));
            },
            new Ending("done", "already-decided", "InReview | 1 Open by Privacy | asks Legal Security"),
            new Ending("already-decided", "done", "InReview | 1 Open by Security | asks Legal Privacy")),

        new(
            "two people who lift one veto",
            async node =>
            {
                var (key, hash) = await SubmittedAsync(node);
                await VetoAsync(node, await TaskAsync(node, key, Role.Legal), hash, Who("legal"));
                return new Contest(
                    key, n => n.Get<LiftVeto>().RunAsync(key, "The vendor signed.", hash, Who("legal2")),
                    n => n.Get<LiftVeto>().RunAsync(key, "The archive was patched.", hash, ThirdLegal));
            },
            OneOfTwo("not-vetoed", $"InReview | 1 Vetoed by Legal Veto, 2 Open by nobody | {Asked}")),

        new(
            "one draft submitted twice",
            async node =>
            {
                var key = (await node.Get<StartUseCase>().RunAsync(Who("submitter"), Claims)).Key;
                Task Submit(Node n) => n.Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));
                return new Contest(key, Submit, Submit);
            },
            OneOfTwo("in-review", $"InReview | 1 Open by nobody | {Asked}")),

        new(
            "one draft saved in two tabs",
            async node =>
            {
                var useCase = await node.Get<StartUseCase>().RunAsync(Who("submitter"), Claims);
                Task Save(Node n, string tone) => n.Get<SaveDraft>().RunAsync(useCase.Key, Claims with { Tone = tone }, useCase.Version, Who("submitter"));
                return new Contest(useCase.Key, n => Save(n, "Plain."), n => Save(n, "Friendly."));
            },
            OneOfTwo("changed-meanwhile", "Draft | asks nobody")),
    ];

    public static Race Named(string name) => All.Single(r => r.Name == name);

    /// <summary>Those who take part beside the demo organisation are known, and it is known who stands in for whom.</summary>
    public static async Task GivenThePeopleAsync(Node node, DateTimeOffset now)
    {
        await using (var db = await node.DbAsync())
        {
            db.People.AddRange(new[] { ThirdPrivacy, TwoHats }.Select(a => Person.Register(a, Actor.Rule("test"), now)));
            await db.SaveChangesAsync();
        }

        var today = node.Get<Organisation>().DayOf(now);
        foreach (var (from, to, function) in new[]
        {
            (Who("privacy"), Who("privacy2"), Role.Privacy), (Who("privacy"), ThirdPrivacy, Role.Privacy),
            (TwoHats, Who("privacy2"), Role.Privacy), (TwoHats, Who("security2"), Role.Security),
        })
        {
            await node.Get<DelegateReview>().RunAsync(null, function, to.Id, today, today, "On leave.", from);
        }
    }

    /// <summary>Either goes through, and the other one is refused.</summary>
    private static Ending[] OneOfTwo(string refusal, string stands) => [new("done", refusal, stands), new(refusal, "done", stands)];

    public static async Task<(string Key, string Hash)> SubmittedAsync(Node node)
    {
        var useCase = await node.Get<StartUseCase>().RunAsync(Who("submitter"), Claims);
        var revision = await node.Get<SubmitProposal>().RunAsync(useCase.Key, null, Who("submitter"));
        return (useCase.Key, revision.ContentHash);
    }

    public static async Task<(string Key, string Hash, Guid Last)> AllButLastAsync(Node node)
    {
        var (key, hash) = await SubmittedAsync(node);
        foreach (var function in new[] { Role.Privacy, Role.Security, Role.Legal })
        {
            await ApproveAsync(node, key, hash, function);
        }

        return (key, hash, await TaskAsync(node, key, Role.CoeLead));
    }

    public static async Task<Guid> TaskAsync(Node node, string key, Role function) =>
        await FindTaskAsync(node, key, function) ?? throw new InvalidOperationException($"{key} does not ask {function}.");

    public static Task ApproveAsync(Node node, Guid task, string hash, Actor person) =>
        node.Get<DecideReview>().RunAsync(task, new DecisionDraft(DecisionKind.Approve, "", [], hash), person);

    public static Task VetoAsync(Node node, Guid task, string hash, Actor person) =>
        node.Get<DecideReview>().RunAsync(task, new DecisionDraft(DecisionKind.Veto, "The archive is not patched.", [], hash), person);

    public static Actor Who(string persona) => DemoPersonas.Find(persona)!.Actor;

    /// <summary>Approves for a function what asks for it now.</summary>
    private static async Task ApproveAsync(Node node, string key, string hash, Role function)
    {
        var task = await FindTaskAsync(node, key, function) ?? throw new RuleViolationException("nothing-asked", $"{key} does not ask {function} now.");
        await ApproveAsync(node, task, hash, Who(function.ToString().ToLowerInvariant()));
    }

    private static async Task ReplaceAsync(Node node, string key)
    {
        await node.Get<WithdrawProposal>().RunAsync(key, "A data source was missing.", Who("submitter"));
        int version;
        await using (var db = await node.DbAsync())
        {
            version = await db.UseCases.Where(u => u.Key == key).Select(u => u.Version).SingleAsync();
        }

        await node.Get<SaveDraft>().RunAsync(key, Claims with { DataSources = ["Claims archive"] }, version, Who("submitter"));
        await node.Get<SubmitProposal>().RunAsync(key, null, Who("submitter"));
    }

    private static async Task<Guid?> FindTaskAsync(Node node, string key, Role function)
    {
        await using var db = await node.DbAsync();
        return await db.ReviewTasks.Where(t => t.UseCaseKey == key && t.State == TaskState.Open && t.Function == function).Select(t => (Guid?)t.Id).SingleOrDefaultAsync();
    }

    private static Actor Somebody(string id, params Role[] roles) => new(PersonId.Of(id, "demo"), id, roles.ToHashSet(), "Claims");
}
