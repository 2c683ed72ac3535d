using System.Security.Cryptography;

namespace CoEPortal.Web.Components;

/// <summary>What a person reads out to support, and what support looks for in the log: <c>7F-2031</c>.</summary>
public static class ErrorReference
{
    public static string New()
    {
        var digits = RandomNumberGenerator.GetHexString(6);
        return $"{digits[..2]}-{digits[2..]}";
    }
}
