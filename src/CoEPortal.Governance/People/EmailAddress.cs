using System.Net.Mail;
using System.Text.RegularExpressions;

namespace CoEPortal.Governance.People;

/// <summary>Whether a text is one plain mailbox: no display name, no list, nothing that could start another header.</summary>
public static partial class EmailAddress
{
    public const int Longest = 254;

    public static bool IsPlain(string text) =>
        text.Length <= Longest && Plain().IsMatch(text) && MailAddress.TryCreate(text, out var parsed) && parsed.Address == text;

    // The same as the constraint of the database.
    [GeneratedRegex("""\A[^\s\p{Cc},;:<>()"\\@]+@[^\s\p{Cc},;:<>()"\\@]+\z""")]
    private static partial Regex Plain();
}
