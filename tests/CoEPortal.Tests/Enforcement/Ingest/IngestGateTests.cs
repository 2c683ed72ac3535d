using CoEPortal.Enforcement.Ingest;

namespace CoEPortal.Tests.Enforcement.Ingest;

public sealed class IngestGateTests
{
    [Fact]
    public void One_sender_with_too_much_under_way_is_told_so_and_does_not_shut_others_out()
    {
        using var gate = new IngestGate();
        var (greedy, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        for (var i = 0; i < IngestGate.MostOfOneSender; i++)
        {
            Assert.Equal(0, gate.Enter(greedy));
        }

        Assert.Equal(429, gate.Enter(greedy));
        Assert.Equal(0, gate.Enter(other));
        gate.Leave(greedy);
        Assert.Equal(0, gate.Enter(greedy));
    }

    [Fact]
    public void A_full_node_turns_everybody_away_until_somebody_leaves()
    {
        using var gate = new IngestGate();
        var senders = Enumerable.Range(0, IngestGate.MostAtOnce).Select(_ => Guid.CreateVersion7()).ToList();
        Assert.All(senders, s => Assert.Equal(0, gate.Enter(s)));

        Assert.Equal(503, gate.Enter(Guid.CreateVersion7()));
        gate.Leave(senders[0]);
        Assert.Equal(0, gate.Enter(Guid.CreateVersion7()));
    }
}
