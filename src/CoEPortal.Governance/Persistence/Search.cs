namespace CoEPortal.Governance.Persistence;

/// <summary>What somebody types into a search box, as a pattern in which their % and _ are only letters.</summary>
public static class Search
{
    public const string Escape = "\\";
    public const int LongestText = 100;

    public static string Pattern(string text)
    {
        text = text.Trim();
        text = text.Length > LongestText ? text[..LongestText] : text;
        return "%" + text.Replace("\\", "\\\\").Replace("%", "\\%").Replace("_", "\\_") + "%";
    }
}
