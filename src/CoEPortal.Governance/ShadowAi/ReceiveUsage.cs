using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using CoEPortal.Evidence;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>Takes a log or an export into a campaign, piece by piece and encrypted, to be read by a worker. The list of departments with it.</summary>
public sealed class ReceiveUsage(IDbContextFactory<GovernanceDb> databases, UsageFormats formats, PersonalDataKey wrapping, TimeProvider clock)
{
    /// <summary>Of what is in the file, however it is compressed.</summary>
    public const long MostBytes = 4L * 1024 * 1024 * 1024;

    public const int LargestList = 8 * 1024 * 1024;

    internal const int ChunkSize = 1024 * 1024;

    private const int LookEvery = 16;

    /// <summary>A file waits to be read, on this node.</summary>
    public event Action? Received;

    /// <param name="campaignKey">An open one.</param>
    /// <param name="format">E.g. <c>squid</c> or the name of a mapping.</param>
    /// <param name="title">What to call it; never a path.</param>
    /// <param name="content">Read once; gzip is unpacked.</param>
    /// <param name="by">Who imports it.</param>
    /// <param name="progress">Is told how many bytes of the content came.</param>
    /// <param name="cancellation">Nothing of it is kept.</param>
    /// <exception cref="RuleViolationException">E.g. <c>file-known</c>: it counts already.</exception>
    public async Task<UsageImport> RunAsync(
        string campaignKey, string format, string title, Stream content, Actor by, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.RunCampaigns);
        var known = formats.Find(format);
        Refuse.If(known is null, "no-such-format", $"There is no format '{format}'. Formats are {string.Join(", ", formats.All.Select(f => f.Name))}.");
        var (id, key) = await BeginAsync(campaignKey, known, TitleOf(title), by, cancellation);
        try
        {
            var (hash, bytes) = await TakeAsync(id, key, content, progress, cancellation);
            var import = await EndAsync(id, campaignKey, hash, bytes, by, cancellation);
            Received?.Invoke();
            return import;
        }
        catch (Exception fault)
        {
            await GiveUpAsync(id, campaignKey, fault as RuleViolationException, by);
            throw;
        }
    }

    /// <summary>Who belongs to which department: used by every import of the campaign, sealed, and destroyed with its names.</summary>
    /// <returns>How many lines say something.</returns>
    public async Task<int> GiveDepartmentsAsync(string campaignKey, byte[] list, Actor by, CancellationToken cancellation = default)
    {
        AccessPolicy.Demand(by, Permission.RunCampaigns);
        Refuse.If(list.Length > LargestList, "file-too-large", $"The list has more than {LargestList / 1024 / 1024} MB.");
        var lines = Lines(list);
        try
        {
            Departments.Parse(lines, "The list");
        }
        catch (InvalidDataException fault)
        {
            throw new RuleViolationException("list-unusable", fault.Message);
        }

        var count = lines.Count(l => l.Trim() is { Length: > 0 } text && text[0] != '#');
        Refuse.If(count == 0, "empty-file", "The list says of nobody where they belong.");
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var campaign = await CampaignScope.LockedAsync(db, campaignKey, by, Permission.RunCampaigns, cancellation);
        campaign.GiveDepartments(count, ContentHash.OfBytes(list).ToString(), by, clock.GetUtcNow());
        var sealedList = (await KeyAsync(db, campaign, cancellation)).Seal(ListName, list);
        await db.Database.ExecuteSqlAsync(
            $"insert into campaign_department_list (campaign_id, sealed_list) values ({campaign.Id}, {sealedList}) on conflict (campaign_id) do update set sealed_list = excluded.sealed_list", cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return count;
    }

    /// <summary>Ends an import that is on its way, waits or is read; nothing of it counts.</summary>
    public async Task CancelAsync(string campaignKey, Guid id, Actor by, CancellationToken cancellation = default)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var campaign = await CampaignScope.LockedAsync(db, campaignKey, by, Permission.RunCampaigns, cancellation);
        await db.Database.ExecuteSqlAsync($"select from usage_import where id = {id} for update", cancellation);
        var import = await db.UsageImports.SingleOrDefaultAsync(i => i.Id == id && i.CampaignId == campaign.Id, cancellation) ?? throw new NotFoundException("import", id.ToString());
        import.Cancel(campaignKey, by, clock.GetUtcNow());
        await DropAsync(db, id, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    internal const string ListName = "departments";

    internal static string ChunkName(Guid import, int number) => FormattableString.Invariant($"import/{import}/{number}");

    internal static List<string> Lines(byte[] list) => [.. Encoding.UTF8.GetString(list).TrimStart('\ufeff').Split('\n')];

    internal static Task DropAsync(GovernanceDb db, Guid import, CancellationToken cancellation) =>
        db.Database.ExecuteSqlAsync($"delete from usage_import_chunk where import_id = {import}", cancellation);

    private async Task<(Guid Id, CampaignKey Key)> BeginAsync(string campaignKey, UsageFormat format, string title, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var campaign = await CampaignScope.LockedAsync(db, campaignKey, by, Permission.RunCampaigns, cancellation);
        campaign.DemandOpen();
        Refuse.If(!campaign.Sources.Contains(format.Source), "source-out-of-scope", $"{campaignKey} does not look into this source ({format.Title}). Add it to the scope first.");
        Refuse.If(
            await db.UsageImports.CountAsync(i => i.State == ImportState.Receiving || i.State == ImportState.Waiting || i.State == ImportState.Running, cancellation) >= UsageImport.MostAtOnce,
            "too-many-imports", $"{UsageImport.MostAtOnce} imports are under way. Wait for one of them.");
        var import = UsageImport.Receive(campaign, format, title, by, clock.GetUtcNow());
        db.UsageImports.Add(import);
        await db.SaveChangesAsync(cancellation);
        var key = await KeyAsync(db, campaign, cancellation);
        await transaction.CommitAsync(cancellation);
        return (import.Id, key);
    }

    private async Task<(string Hash, long Bytes)> TakeAsync(Guid id, CampaignKey key, Stream content, IProgress<long>? progress, CancellationToken cancellation)
    {
        var buffer = new byte[ChunkSize];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (number, bytes) = (0, 0L);
        await using var plain = await PlainAsync(content, cancellation);
        try
        {
            while (await plain.ReadAtLeastAsync(buffer, ChunkSize, throwOnEndOfStream: false, cancellation) is > 0 and var length)
            {
                var chunk = buffer.AsMemory(0, length);
                if (number == 0)
                {
                    DemandText(chunk.Span);
                }

                bytes += length;
                Refuse.If(bytes > MostBytes, "file-too-large", $"The file has more than {MostBytes / 1024 / 1024 / 1024} GB. Split it.");
                hash.AppendData(chunk.Span);
                await StoreAsync(id, number, key.Seal(ChunkName(id, number), Packed(chunk)), cancellation);
                number++;
                progress?.Report(bytes);
            }
        }
        catch (InvalidDataException)
        {
            throw new RuleViolationException("not-readable", "The file begins like gzip and is none, or it is cut off.");
        }

        Refuse.If(bytes == 0, "empty-file", "The file is empty.");
        return ("sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset()), bytes);
    }

    private async Task StoreAsync(Guid id, int number, byte[] chunk, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"insert into usage_import_chunk (import_id, number, content) values ({id}, {number}, {chunk})", cancellation);
        if (number % LookEvery == LookEvery - 1)
        {
            var now = clock.GetUtcNow();
            var still = await db.Database.ExecuteSqlAsync($"update usage_import set touched_at = {now} where id = {id} and state = 'Receiving'", cancellation);
            Refuse.If(still == 0, "import-ended", "This import was ended while the file was on its way.");
        }
    }

    private async Task<UsageImport> EndAsync(Guid id, string campaignKey, string hash, long bytes, Actor by, CancellationToken cancellation)
    {
        await using var db = await databases.CreateDbContextAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"select from usage_import where id = {id} for update", cancellation);
        var import = await db.UsageImports.SingleAsync(i => i.Id == id, cancellation);
        Refuse.If(
            await db.UsageImports.AnyAsync(i => i.CampaignId == import.CampaignId && i.FileHash == hash && (i.State == ImportState.Waiting || i.State == ImportState.Running || i.State == ImportState.Done), cancellation),
            "file-known", $"This file is in {campaignKey} already. The same file never counts twice.");
        import.Received(campaignKey, hash, bytes, by, clock.GetUtcNow());
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException twice) when (twice.InnerException is PostgresException { ConstraintName: "a_file_counts_once" })
        {
            // It came twice at once.
            throw new RuleViolationException("file-known", $"This file is in {campaignKey} already. The same file never counts twice.");
        }

        await transaction.CommitAsync(cancellation);
        return import;
    }

    private async Task GiveUpAsync(Guid id, string campaignKey, RuleViolationException? refusal, Actor by)
    {
        await using var db = await databases.CreateDbContextAsync(CancellationToken.None);
        await using var transaction = await db.Database.BeginTransactionAsync(CancellationToken.None);
        await db.Database.ExecuteSqlAsync($"select from usage_import where id = {id} for update", CancellationToken.None);
        var import = await db.UsageImports.SingleAsync(i => i.Id == id, CancellationToken.None);
        if (import.State is ImportState.Receiving)
        {
            import.Fail(campaignKey, refusal?.Message ?? "The file did not come to its end.", by, clock.GetUtcNow());
            await db.SaveChangesAsync(CancellationToken.None);
        }

        await DropAsync(db, id, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private async Task<CampaignKey> KeyAsync(GovernanceDb db, Campaign campaign, CancellationToken cancellation) =>
        await CampaignKey.OfAsync(db, campaign.Id, wrapping, cancellation) ?? throw new InvalidOperationException($"The key of {campaign.Key} is missing.");

    /// <summary>By what it begins with, not by its name.</summary>
    private static async Task<Stream> PlainAsync(Stream content, CancellationToken cancellation)
    {
        var head = new byte[2];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation);
        var whole = new HeadedStream(head.AsMemory(0, length), content);
        return length == 2 && head is [0x1f, 0x8b] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    private static void DemandText(ReadOnlySpan<byte> head)
    {
        Refuse.If(head.StartsWith("PK\u0003\u0004"u8), "not-readable", "This is a spreadsheet or an archive. Unpack it, or save it as CSV, first.");
        Refuse.If(head.StartsWith("%PDF"u8), "not-readable", "This is a PDF. A log or a CSV file is needed.");
        var isWide = head.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || head.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]);
        Refuse.If(!isWide && head[..Math.Min(head.Length, 4096)].Contains((byte)0), "not-readable", "This is no text. A log or a CSV file is needed.");
    }

    private static byte[] Packed(ReadOnlyMemory<byte> chunk)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest))
        {
            deflate.Write(chunk.Span);
        }

        return packed.ToArray();
    }

    private static string TitleOf(string title)
    {
        title = new string([.. title[(title.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c) && char.GetUnicodeCategory(c) is not System.Globalization.UnicodeCategory.Format)]).Trim();
        return title.Length > UsageImport.TitleLength ? title[..UsageImport.TitleLength] : title;
    }
}
