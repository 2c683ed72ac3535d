using System.Text;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Reports;
using CoEPortal.Tests.Persistence;
using CoEPortal.Tests.Reliability;

namespace CoEPortal.Tests.Audit;

/// <summary>What a report proves about the audit log to somebody who has only the report and the key.</summary>
public sealed class ProvenEventsTests(TestPostgres postgres) : AuditLogTest(postgres)
{
    [Fact]
    public async Task Every_event_of_a_report_is_proven_to_be_in_the_log()
    {
        var bundle = await GivenABundleAsync();

        Assert.Empty(BundleLogCheck.Verify(bundle, [Pin], out var checkpoints));
        Assert.Equal(bundle.Events.Count, bundle.Log!.Entries.Count);
        Assert.Equal(await ScalarAsync<long>("select count(*) from audit.leaf"), Assert.Single(checkpoints).Size);
    }

    [Fact]
    public async Task What_happened_after_the_checkpoint_waits_for_the_next_report()
    {
        var before = await GivenABundleAsync();
        var task = (await OpenTaskAsync("UC-0001", CoEPortal.Governance.Access.Role.Legal))!;
        await DecideAsync(task, "legal", CoEPortal.Governance.Approvals.DecisionKind.Veto, "No.");

        var meanwhile = await BundleAsync();
        await Get<IntegrateEvents>().RunAsync();
        await SignAsync();
        var after = await BundleAsync();

        Assert.Equal(before.Events.Count, meanwhile.Events.Count);
        Assert.True(after.Events.Count > before.Events.Count);
        Assert.Empty(BundleLogCheck.Verify(after, [Pin], out _));
    }

    [Fact]
    public async Task A_later_report_proves_that_the_log_only_grew_since_the_earlier_one()
    {
        var first = await GivenABundleAsync();
        await AsOwnerAsync($"""
            insert into audit_pack_job (id, subject_kind, subject_key, use_case_key, paper, state, progress, step, requested_by, requested_by_name, requested_at, attempts, pdf, checkpoint_size, version, event_count)
                values (gen_random_uuid(), 'UseCase', 'UC-0001', 'UC-0001', 'A4', 'Done', 100, 'Ready', 'auditor', 'A', now(), 1, 'x', {SizeOf(first)}, 1, 0)
            """);
        await GivenALogAsync(2);

        var later = await BundleAsync();

        Assert.Empty(BundleLogCheck.Verify(later, [Pin], out var checkpoints));
        Assert.Equal([SizeOf(first), SizeOf(later)], checkpoints.Select(c => c.Size));
        var forged = later with { Log = later.Log! with { Extends = [later.Log.Extends[0] with { Proof = [.. later.Log.Extends[0].Proof.Reverse()] }] } };
        Assert.Equal("not-extended", Assert.Single(BundleLogCheck.Verify(forged, [Pin], out _)).Rule);
    }

    [Fact]
    public async Task An_event_that_is_told_otherwise_or_left_out_of_the_proofs_is_found()
    {
        var bundle = await GivenABundleAsync();
        var told = bundle with { Events = [bundle.Events[0] with { ActorId = "somebody" }, .. bundle.Events.Skip(1)] };
        var left = bundle with { Log = bundle.Log! with { Entries = [.. bundle.Log.Entries.Skip(1)] } };
        var none = bundle with { Log = null };

        Assert.Equal("event-differs", Assert.Single(BundleLogCheck.Verify(told, [Pin], out _)).Rule);
        Assert.Equal(["opening-wrong", "event-not-logged"], BundleLogCheck.Verify(left, [Pin], out _).Select(f => f.Rule));
        Assert.Equal("no-log", Assert.Single(BundleLogCheck.Verify(none, [Pin], out _)).Rule);
    }

    [Fact]
    public async Task Another_key_or_another_log_is_not_believed()
    {
        var bundle = await GivenABundleAsync();
        using var stranger = LogKey.Create(Key.Origin);
        using var elsewhere = LogKey.Create("other.example/audit");

        Assert.Equal("unknown-key", Assert.Single(BundleLogCheck.Verify(bundle, [PinnedKey.Parse(stranger.Public)], out _)).Rule);
        Assert.Equal("other-log", Assert.Single(BundleLogCheck.Verify(bundle, [PinnedKey.Parse(elsewhere.Public)], out _)).Rule);
    }

    [Fact]
    public async Task No_changed_byte_of_the_proofs_is_believed()
    {
        var bundle = await GivenABundleAsync();
        var written = bundle.Write();
        // One character for each byte, so that places in the text are places in the file.
        var text = Encoding.Latin1.GetString(written);
        var from = text.IndexOf("\"log\":", StringComparison.Ordinal);
        var end = text.IndexOf("\"schema\":", from, StringComparison.Ordinal);
        var random = new Random(9162);
        // The key in the file is a help for people; nothing is believed because of it.
        var keyAt = text.IndexOf(bundle.Log!.Key, from, StringComparison.Ordinal);
        var keyEnd = keyAt + bundle.Log.Key.Length;
        for (var i = 0; i < (FullRun.IsOn ? 100_000 : 2_000); i++)
        {
            var at = random.Next(from, end);
            if (at >= keyAt && at < keyEnd)
            {
                continue;
            }

            var changed = (byte[])written.Clone();
            changed[at] = (byte)(changed[at] ^ (1 << random.Next(7)));
            Assert.False(IsBelieved(changed), $"{text[(at - 20)..(at + 20)]} changed at {at}");
        }
    }

    private bool IsBelieved(byte[] utf8)
    {
        try
        {
            return BundleLogCheck.Verify(EvidenceBundle.Read(utf8), [Pin], out _).Count == 0;
        }
        catch (BundleFormatException)
        {
            return false;
        }
    }

    private long SizeOf(EvidenceBundle bundle) => SignedCheckpoint.Open(bundle.Log!.Checkpoint, [Pin]).Size;

    private async Task<EvidenceBundle> GivenABundleAsync()
    {
        await GivenALogAsync();
        return await BundleAsync();
    }

    private async Task<EvidenceBundle> BundleAsync() =>
        EvidenceBundle.Read((await Get<CollectAuditPack>().OfAsync(new UseCaseSubject("UC-0001"))).ToBundle("test", Key.Public).Write());
}
