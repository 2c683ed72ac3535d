using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Audit;

namespace CoEPortal.Web.Audit;

/// <summary>Whether the log is what was signed, for the pages and for /health/ready.</summary>
public sealed class LogStanding
{
    private volatile AuditLogException? _broken;

    /// <summary>What is wrong, in a sentence; null when nothing is.</summary>
    public string? Trouble => _broken?.Message;

    /// <summary>The checkpoint that the log does not go on from.</summary>
    public SignedCheckpoint? Known => _broken?.Known;

    internal void IsSound() => _broken = null;

    /// <returns>Whether that is news.</returns>
    internal bool IsBroken(AuditLogException broken)
    {
        var isNews = _broken?.Message != broken.Message;
        _broken = broken;
        return isNews;
    }
}
