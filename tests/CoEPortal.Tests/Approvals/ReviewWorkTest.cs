using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Notifications;
using CoEPortal.Governance.People;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Approvals;

/// <summary>Words for tests about the people around a review.</summary>
public abstract class ReviewWorkTest(TestPostgres postgres) : GovernanceTest(postgres)
{
    protected DateOnly Today => Get<Organisation>().DayOf(Clock.GetUtcNow());

    protected async Task<(string Key, ReviewTask Task)> GivenATaskAsync(Role function, Proposal? proposal = null, string author = "submitter")
    {
        var useCase = await Get<StartUseCase>().RunAsync(Who(author), proposal ?? ClaimsProposal);
        await Get<SubmitProposal>().RunAsync(useCase.Key, null, Who(author));
        return (useCase.Key, (await OpenTaskAsync(useCase.Key, function))!);
    }

    protected async Task<Actor> GivenAPersonAsync(string id, string name, params Role[] roles)
    {
        var actor = new Actor(PersonId.Of(id, "demo"), name, roles.ToHashSet(), "Claims");
        await using var db = await DbAsync();
        db.People.Add(Person.Register(actor, Actor.Rule("test"), Clock.GetUtcNow()));
        await db.SaveChangesAsync();
        return actor;
    }

    protected async Task<ApprovalRound> DecideAsAsync(ReviewTask task, Actor person, DecisionKind kind = DecisionKind.Approve, string comment = "")
    {
        await using var db = await DbAsync();
        var hash = await db.ApprovalRounds.Where(r => r.Id == task.RoundId).Select(r => r.ContentHash).SingleAsync();
        return await Get<DecideReview>().RunAsync(task.Id, new(kind, comment, [], hash), person with { ConfirmedAt = Clock.GetUtcNow() });
    }

    protected async Task<string> BodyOfAsync(string useCaseKey, string action) =>
        (await EntriesAsync(e => e.UseCaseKey == useCaseKey && e.Action == action))[^1].Body;

    /// <summary>What a person was told, newest first.</summary>
    protected async Task<List<Notification>> ToldAsync(string persona)
    {
        await using var db = await DbAsync();
        var id = Who(persona).Id.Value;
        return await db.Set<Notification>().AsNoTracking().Where(n => n.PersonId == id).OrderByDescending(n => n.Id).ToListAsync();
    }
}
