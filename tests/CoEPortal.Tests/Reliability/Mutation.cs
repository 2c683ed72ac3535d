namespace CoEPortal.Tests.Reliability;

/// <summary>One place of the source where a guard stands, and the same place without it. The text occurs exactly once.</summary>
internal sealed record Edit(string File, string Guard, string Without);

/// <summary>Guards taken out of the source together, because one alone is covered by another.</summary>
internal sealed record Mutation(string Name, params Edit[] Edits)
{
    private const string Approvals = "src/CoEPortal.Governance/Approvals/";
    private const string Schema = "db/migrations/0010_add_review_work.sql";
    private const string FirstSchema = "db/migrations/0004_add_approvals.sql";

    private static readonly Edit TaskLock = new(Approvals + "LockedReview.cs", "where t.id = {taskId} for update of i", "where t.id = {taskId}");

    private static readonly Edit HashCheck = new(
        Approvals + "ApprovalRound.cs", """Refuse.If(draft.ContentHash != ContentHash, "content-changed", """, """Refuse.If(draft.ContentHash.Length == 0, "content-changed", """);

    private static readonly Edit HashTrigger = new(Schema, "if new.content_hash <> asked.content_hash then", "if false then");

    private static readonly Edit Version = new("src/CoEPortal.Governance/Persistence/GovernanceDb.cs", "IsConcurrencyToken = true", "IsConcurrencyToken = false");

    private static readonly Edit SignedCheck = new(
        Approvals + "ApprovalRound.cs", """Refuse.If(HasSigned(person.Id.Value), "already-decided", "You have already decided in this round, or""",
        """Refuse.If(person.Name.Length == 0, "already-decided", "You have already decided in this round, or""");

    private static readonly Edit StandInCheck = new(
        Approvals + "ApprovalRound.cs", "Refuse.If(delegation is not null && HasSigned(delegation.FromId), ", "Refuse.If(delegation is not null && delegation.FromId.Length == 0, ");

    private static readonly Edit Signatory = new(
        Schema, "constraint one_decision_stands_behind_a_person primary key (round_id, person_id)", "constraint one_decision_stands_behind_a_person primary key (decision_id, person_id)");

    private static readonly Edit ForEachPerson = new(
        FirstSchema, "constraint one_decision_for_each_person unique (round_id, person_id)", "constraint one_decision_for_each_person unique (id, person_id)");

    private static readonly Edit ForEachFunction = new(
        FirstSchema, "constraint one_decision_for_each_function unique (round_id, function)", "constraint one_decision_for_each_function unique (id, function)");

    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("the lock of a task", TaskLock),
        new("the lock of a withdrawal", new Edit(Approvals + "LockedReview.cs", "'Proposal' and r.status = 'Open' for update of i", "'Proposal' and r.status = 'Open'")),
        new("the lock before a review opens", new Edit(Approvals + "LockedReview.cs", "where key = {useCaseKey} for update\"", "where key = {useCaseKey}\"")),
        new("the version of an aggregate", Version),
        new("the look at the hash, with the trigger still there", HashCheck),
        new("the look at the hash, and the trigger", HashCheck, HashTrigger),
        new("the look at who has signed, with the constraints still there", SignedCheck),
        new("the look at who has signed, and the constraints", SignedCheck, ForEachPerson, Signatory),
        new("the look at whom a stand-in signs for, and the constraint", StandInCheck, Signatory),
        new("the lock of a task, the version, and the constraint on a function", TaskLock, Version, ForEachFunction),
    ];

    public override string ToString() => Name;
}
