using System.Security.Cryptography;
using System.Text;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>
/// The key of one campaign: makes pseudonyms that mean nothing in another, seals each name under a key of its own, and what waits to
/// be read. It lies encrypted in the schema of keys, and once it is destroyed nobody reads any of it.
/// </summary>
internal sealed class CampaignKey
{
    public const int PseudonymLength = 10;

    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly byte[] _key;
    private readonly byte[] _pseudonyms;

    private CampaignKey(byte[] key) => (_key, _pseudonyms) = (key, Derived(key, "pseudonyms"));

    /// <summary>In the transaction that opens the campaign.</summary>
    public static async Task CreateAsync(GovernanceDb db, Guid campaign, PersonalDataKey wrapping, CancellationToken cancellation)
    {
        var name = NameOf(campaign);
        var wrapped = wrapping.Wrap(RandomNumberGenerator.GetBytes(KeyLength), name);
        await db.Database.ExecuteSqlAsync($"insert into privacy.sealing_key (name, wrapped_key) values ({name}, {wrapped})", cancellation);
    }

    /// <returns>Null once it was destroyed.</returns>
    public static async Task<CampaignKey?> OfAsync(GovernanceDb db, Guid campaign, PersonalDataKey wrapping, CancellationToken cancellation)
    {
        var name = NameOf(campaign);
        var wrapped = await db.Database.SqlQuery<byte[]>($"select wrapped_key as \"Value\" from privacy.sealing_key where name = {name}").SingleOrDefaultAsync(cancellation);
        return wrapped is null ? null : new CampaignKey(wrapping.Unwrap(wrapped, name));
    }

    public static Task DestroyAsync(GovernanceDb db, Guid campaign, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"select privacy.destroy_campaign_key({campaign})", cancellation);

    /// <summary>One person is one, whether the proxy says <c>NORD\J.Weber</c> or the sign-in <c>j.weber@nordhaven.example</c>.</summary>
    public byte[] PseudonymOf(string name, bool isAddress) =>
        HMACSHA256.HashData(_pseudonyms, Encoding.UTF8.GetBytes((isAddress ? "address/" : "person/") + Plain(name, isAddress)))[..PseudonymLength];

    public byte[] SealName(byte[] pseudonym, string name) => Seal("name/" + Convert.ToHexString(pseudonym), Encoding.UTF8.GetBytes(name));

    public string OpenName(byte[] pseudonym, byte[] sealedName) => Encoding.UTF8.GetString(Open("name/" + Convert.ToHexString(pseudonym), sealedName));

    /// <param name="about">Each thing has its own key.</param>
    public byte[] Seal(string about, ReadOnlySpan<byte> text)
    {
        var result = new byte[NonceLength + text.Length + TagLength];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(Derived(_key, about), TagLength);
        cipher.Encrypt(result.AsSpan(0, NonceLength), text, result.AsSpan(NonceLength, text.Length), result.AsSpan(NonceLength + text.Length));
        return result;
    }

    /// <exception cref="CryptographicException">It was sealed as something else.</exception>
    public byte[] Open(string about, byte[] result)
    {
        var text = new byte[result.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(Derived(_key, about), TagLength);
        cipher.Decrypt(result.AsSpan(0, NonceLength), result.AsSpan(NonceLength, text.Length), result.AsSpan(NonceLength + text.Length), text);
        return text;
    }

    private static string NameOf(Guid campaign) => $"campaign/{campaign}";

    private static string Plain(string name, bool isAddress)
    {
        name = name.Trim().ToLowerInvariant();
        if (isAddress)
        {
            return name;
        }

        name = name[(name.LastIndexOf('\\') + 1)..];
        return name.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? name[..at] : name;
    }

    private static byte[] Derived(byte[] key, string about) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyLength, info: Encoding.UTF8.GetBytes(about));
}
