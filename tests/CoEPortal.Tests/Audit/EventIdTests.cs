using CoEPortal.Governance.Audit;

namespace CoEPortal.Tests.Audit;

public sealed class EventIdTests
{
    [Fact]
    public void Ids_of_one_change_rise_although_others_are_made_at_other_moments_between_them()
    {
        var at = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
        var ids = new List<string>();
        for (var i = 0; i < 10_000; i++)
        {
            ids.Add(EventIds.Next(at).ToString());
            EventIds.Next(at.AddMilliseconds(i % 7));
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.Equal(('7', true), (id[14], "89ab".Contains(id[19], StringComparison.Ordinal))));
    }
}
