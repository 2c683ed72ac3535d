using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;

namespace CoEPortal.Tests.Reliability;

/// <summary>What a command of a crash test is about; travels to the process that dies as three words.</summary>
internal sealed record CrashSubject(string Key, string Hash, Guid Task);

/// <param name="RefusedAfter">How the command is refused when it has been done already.</param>
internal sealed record CrashCommand(string Name, Func<Node, Task<CrashSubject>> PrepareAsync, Func<Node, CrashSubject, Task> RunAsync, string RefusedAfter)
{
    public static IReadOnlyList<CrashCommand> All { get; } =
    [
        new("a vote", AskedAsync, (node, s) => Races.ApproveAsync(node, s.Task, s.Hash, Races.Who("legal")), "already-decided"),
        new(
            "the last vote, with a condition",
            async node =>
            {
                var (key, hash, last) = await Races.AllButLastAsync(node);
                return new CrashSubject(key, hash, last);
            },
            (node, s) => node.Get<DecideReview>().RunAsync(
                s.Task, new DecisionDraft(DecisionKind.ApproveWithConditions, "Customers must know.", [new ConditionDraft("Say that AI helped.")], s.Hash), Races.Who("coe-lead")),
            "review-closed"),
        new("a veto", AskedAsync, (node, s) => Races.VetoAsync(node, s.Task, s.Hash, Races.Who("legal")), "review-closed"),
        new("a claim", AskedAsync, (node, s) => node.Get<ClaimTask>().RunAsync(s.Task, takeOver: false, Races.Who("legal")), "already-claimed"),
        new("a withdrawal", AskedAsync, (node, s) => node.Get<WithdrawProposal>().RunAsync(s.Key, "We have to think again.", Races.Who("submitter")), "not-in-review"),
        new(
            "the lifting of a veto",
            async node =>
            {
                var asked = await AskedAsync(node);
                await Races.VetoAsync(node, asked.Task, asked.Hash, Races.Who("legal"));
                return asked;
            },
            (node, s) => node.Get<LiftVeto>().RunAsync(s.Key, "The vendor signed.", s.Hash, Races.Who("legal2")),
            "not-vetoed"),
    ];

    public static CrashCommand Named(string name) => All.Single(c => c.Name == name);

    private static async Task<CrashSubject> AskedAsync(Node node)
    {
        var (key, hash) = await Races.SubmittedAsync(node);
        return new CrashSubject(key, hash, await Races.TaskAsync(node, key, Role.Legal));
    }
}
