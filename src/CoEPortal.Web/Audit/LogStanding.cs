namespace CoEPortal.Web.Audit;

/// <summary>Whether the log is what was signed, for the pages and for /health/ready.</summary>
public sealed class LogStanding
{
    private volatile string? _trouble;

    /// <summary>What is wrong, in a sentence; null when nothing is.</summary>
    public string? Trouble => _trouble;

    internal void IsSound() => _trouble = null;

    /// <returns>Whether that is news.</returns>
    internal bool IsBroken(string trouble)
    {
        var isNews = _trouble != trouble;
        _trouble = trouble;
        return isNews;
    }
}
