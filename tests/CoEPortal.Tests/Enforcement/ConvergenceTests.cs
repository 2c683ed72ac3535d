using System.Collections.Frozen;
using CoEPortal.Enforcement.Snapshots;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Intake;
using CoEPortal.Governance.KillSwitches;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Enforcement;

/// <summary>
/// A portal, two nodes and three gateways, and every order in which engaging, releasing, restarting, losing, delaying and
/// replaying can happen. The aggregate, the document and the reading of it are the real ones; only the network is ours.
/// </summary>
public sealed class ConvergenceTests
{
    private const string Key = "UC-0001";
    private const int Steps = 120;

    [Fact]
    public void No_gateway_allows_after_it_confirmed_a_stop_until_two_people_released_it_later()
    {
        var rounds = Reliability.FullRun.IsOn ? 5_000 : 300;
        var schedule = Gen.Choose(0, 11).Two().ListOf(Steps);
        Prop.ForAll(schedule.ToArbitrary(), steps =>
        {
            var world = new World();
            foreach (var (what, who) in steps)
            {
                world.Do(what, who);
                world.DemandSafety();
            }

            world.Heal();
            world.DemandSafety();
            world.DemandAgreement();
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(rounds));
    }

    private sealed class World
    {
        private static readonly Actor Stopper = DemoPersonas.Find("security")!.Actor;
        private static readonly Actor[] Releasers = [DemoPersonas.Find("risk")!.Actor, DemoPersonas.Find("security")!.Actor];

        private readonly KillSwitch _switch = KillSwitch.For(SwitchScope.UseCase, Key, DateTimeOffset.UnixEpoch);
        private readonly EnforcementSnapshot[] _nodes = [EnforcementSnapshot.Nothing, EnforcementSnapshot.Nothing];
        private readonly Gateway[] _gateways = [new(), new(), new()];
        // Every document that was ever on the wire: any of them may arrive again.
        private readonly List<byte[]> _sent = [];
        private readonly List<(long Engaged, long? Released)> _stops = [];
        private long _generation = 1;

        public void Do(int what, int who)
        {
            switch (what)
            {
                case 0 or 1 when _switch.MayBecome(SwitchMode.Stop):
                    _switch.Engage(new Engagement(SwitchMode.Stop, "x"), Stopper, ++_generation, DateTimeOffset.UnixEpoch);
                    _stops.Add((_generation, null));
                    break;
                case 2 or 3 when _switch.IsEngaged:
                    ReleaseByOne();
                    break;
                case 4:
                    // A change of something else.
                    _generation++;
                    break;
                case 5 or 6:
                    _nodes[who % 2] = Later(_nodes[who % 2], Snapshot());
                    break;
                case 7 or 8:
                    var document = SnapshotDocument.Of(_nodes[who % 2], new Organisation(), SnapshotSigner.None, DateTimeOffset.UnixEpoch);
                    _sent.Add(document.Body);
                    _gateways[who % 3].Take(document.Body);
                    break;
                case 9 when _sent.Count > 0:
                    // A replay, or one that was long on its way.
                    _gateways[who % 3].Take(_sent[who * 7 % _sent.Count]);
                    break;
                case 10:
                    _gateways[who % 3].Restart();
                    break;
                case 11:
                    // A torn or foreign document.
                    _gateways[who % 3].Take(_sent.Count > 0 ? _sent[^1][..(_sent[^1].Length / 2)] : []);
                    break;
            }
        }

        public void Heal()
        {
            for (var i = 0; i < _nodes.Length; i++)
            {
                _nodes[i] = Later(_nodes[i], Snapshot());
            }

            foreach (var (gateway, i) in _gateways.Select((g, i) => (g, i)))
            {
                gateway.Take(SnapshotDocument.Of(_nodes[i % 2], new Organisation(), SnapshotSigner.None, DateTimeOffset.UnixEpoch).Body);
            }
        }

        public void DemandSafety()
        {
            foreach (var gateway in _gateways.Where(g => g.Allows))
            {
                // What it confirmed and what was not released by a generation it could know of.
                var broken = _stops.Where(s => gateway.Acked >= s.Engaged && (s.Released is null || gateway.Generation < s.Released)).ToList();
                if (broken.Count > 0)
                {
                    throw new InvalidOperationException($"Allowed at {gateway.Generation} after it confirmed {gateway.Acked}: {broken[0]}.");
                }
            }
        }

        public void DemandAgreement() => Assert.All(_gateways, g => Assert.Equal((_generation, !_switch.IsEngaged), (g.Generation, g.Allows)));

        private void ReleaseByOne()
        {
            var by = _switch.State is SwitchState.ReleasePending ? Releasers[1] : Releasers[0];
            var released = _switch.ReleaseAsync(new ReleaseWish("y"), [], by, () => Task.FromResult(++_generation), DateTimeOffset.UnixEpoch);
            Assert.True(released.IsCompletedSuccessfully, released.Exception?.Message);
            if (!_switch.IsEngaged)
            {
                _stops[^1] = (_stops[^1].Engaged, _generation);
            }
        }

        private static EnforcementSnapshot Later(EnforcementSnapshot held, EnforcementSnapshot loaded) => loaded.Generation < held.Generation ? held : loaded;

        private EnforcementSnapshot Snapshot() => new()
        {
            Generation = _generation,
            UseCases = new Dictionary<string, GovernedUseCase> { [Key] = new(Key, true, RiskTier.High, _switch.IsEngaged ? EngagedSwitch.Of(_switch) : null) }.ToFrozenDictionary(),
            Credentials = EnforcementSnapshot.Nothing.Credentials,
            Models = EnforcementSnapshot.Nothing.Models,
            Gateways = EnforcementSnapshot.Nothing.Gateways,
            Everything = null,
            Tokens = EnforcementSnapshot.Nothing.Tokens,
        };
    }

    private sealed class Gateway
    {
        private LocalEnforcer _enforcer = new("test");
        private byte[]? _disk;

        public long Acked { get; private set; }

        public long Generation => _enforcer.Generation;

        public bool Allows => _enforcer.Decide(Key, 0).Allowed;

        public void Take(byte[] body)
        {
            if (_enforcer.Apply(body, "", 0) is null)
            {
                (_disk, Acked) = (_enforcer.Body, Math.Max(Acked, _enforcer.Generation));
            }
        }

        public void Restart()
        {
            _enforcer = new LocalEnforcer("test");
            if (_disk is not null)
            {
                _enforcer.Apply(_disk, "", 0);
            }
        }
    }
}
