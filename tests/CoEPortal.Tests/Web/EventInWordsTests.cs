using System.Reflection;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Web.Components;

namespace CoEPortal.Tests.Web;

public sealed class EventInWordsTests
{
    public static TheoryData<string> Events => [.. typeof(GovernanceEvent).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(GovernanceEvent)) && !t.IsAbstract).Select(t => t.FullName!).Order()];

    [Theory]
    [MemberData(nameof(Events))]
    public void Every_event_of_the_audit_log_has_a_sentence(string name)
    {
        var happened = Entry(Example(typeof(GovernanceEvent).Assembly.GetType(name)!));

        Assert.True(EventInWords.Knows(happened.Action), $"Write a sentence for {happened.Action} in EventInWords.");
        foreach (var named in new[] { false, true })
        {
            var told = EventInWords.Of(happened, named);
            Assert.DoesNotContain(happened.Action, told.Title, StringComparison.Ordinal);
            Assert.False(told.Title.EndsWith('.') || told.Title.Contains("  ", StringComparison.Ordinal), told.Title);
            Assert.Equal("Nils Berg", told.Who);
        }
    }

    [Fact]
    public void In_a_list_of_many_use_cases_each_entry_names_its_own_and_links_to_it()
    {
        var happened = Entry(Example(typeof(Governance.Approvals.DecisionRecorded)));

        Assert.Equal(("Submitter approved revision 3", null), (EventInWords.Of(happened).Title, EventInWords.Of(happened).Href));
        Assert.Equal(
            ("Submitter approved UC-0007", "/use-cases/UC-0007"), (EventInWords.Of(happened, named: true).Title, EventInWords.Of(happened, named: true).Href));
    }

    [Fact]
    public void An_event_of_a_later_version_is_told_by_its_name()
    {
        var happened = Entry(Example(typeof(Governance.Intake.UseCaseStarted))) with { Action = "CardExpired" };

        Assert.Equal("Card expired", EventInWords.Of(happened).Title);
    }

    [Fact]
    public void What_the_portal_did_by_itself_is_not_told_as_somebodys_deed()
    {
        var happened = Entry(Example(typeof(Governance.KillSwitches.KillSwitchEngaged))) with { ActorId = "budget@rule", ActorName = "budget" };

        Assert.Equal(("UC-0007 stopped itself", "the portal, rule “budget”"), (EventInWords.Of(happened, named: true).Title, EventInWords.Of(happened).Who));
    }

    private static Governance.Audit.TimelineEntry Entry(GovernanceEvent happened)
    {
        var row = AuditEvent.Of(new RecordedEvent(Guid.CreateVersion7(), 1, happened), ("use-case", "UC-0007"));
        return new(
            row.EventId, row.SubjectType, row.SubjectKey, row.SubjectVersion, row.OccurredAt, row.OccurredAt, row.ActorId, row.ActorName, row.Action,
            row.ContentHash, row.Body);
    }

    private static GovernanceEvent Example(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Public | BindingFlags.Instance).MaxBy(c => c.GetParameters().Length)!;
        return (GovernanceEvent)constructor.Invoke([.. constructor.GetParameters().Select(p => Value(p.ParameterType))]);
    }

    private static object? Value(Type type) =>
        type == typeof(string) ? "UC-0007"
        : type == typeof(Actor) ? DemoPersonas.Find("submitter")!.Actor
        : type == typeof(DateTimeOffset) ? DateTimeOffset.UnixEpoch
        : type == typeof(int) ? 3
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? Array.CreateInstance(type.GetGenericArguments()[0], 0)
        : type.IsValueType ? Activator.CreateInstance(type)
        : null;
}
