using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Reports;

/// <summary>What a report needs of the audit log: that all which was just done is in it, and that its own proofs hold.</summary>
public sealed class LogForReports(IntegrateEvents integrate, SignCheckpoints sign, LogKey key)
{
    /// <summary>The public key, for whoever checks the report.</summary>
    public string Key => key.Public;

    /// <exception cref="AuditLogException">The log is not what was signed; no report is made of it.</exception>
    public async Task BringUpToDateAsync(CancellationToken cancellation)
    {
        while (await integrate.RunAsync(cancellation) > 0)
        {
        }

        await sign.RunAsync(cancellation);
    }

    /// <summary>As a stranger would, who pinned the key.</summary>
    public IReadOnlyList<BundleFinding> Check(EvidenceBundle bundle) => BundleLogCheck.Verify(bundle, [PinnedKey.Parse(Key)], out _);
}
