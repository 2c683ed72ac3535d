using System.IO.Compression;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Governance.ShadowAi;

/// <summary>What has been read of a stream already, and then the rest of it. Read only, forward only.</summary>
internal sealed class HeadedStream(ReadOnlyMemory<byte> head, Stream rest) : ForwardStream
{
    private ReadOnlyMemory<byte> _head = head;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_head.IsEmpty)
        {
            return await rest.ReadAsync(buffer, cancellationToken);
        }

        var count = Math.Min(_head.Length, buffer.Length);
        _head[..count].CopyTo(buffer);
        _head = _head[count..];
        return count;
    }
}

/// <summary>A file that waits in the database, decrypted piece by piece.</summary>
internal sealed class UsageChunks(IDbContextFactory<GovernanceDb> databases, CampaignKey key, Guid import) : ForwardStream
{
    private ReadOnlyMemory<byte> _chunk;
    private int _next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_chunk.IsEmpty)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var found = await db.Database.SqlQuery<byte[]>($"select content as \"Value\" from usage_import_chunk where import_id = {import} and number = {_next}").SingleOrDefaultAsync(cancellationToken);
            if (found is null)
            {
                return 0;
            }

            using var packed = new MemoryStream(key.Open(ReceiveUsage.ChunkName(import, _next), found));
            using var plain = new MemoryStream();
            await using (var inflate = new DeflateStream(packed, CompressionMode.Decompress))
            {
                await inflate.CopyToAsync(plain, cancellationToken);
            }

            _chunk = plain.ToArray();
            _next++;
        }

        var count = Math.Min(_chunk.Length, buffer.Length);
        _chunk[..count].CopyTo(buffer);
        _chunk = _chunk[count..];
        return count;
    }
}

/// <summary>What a stream is that is only read, from its beginning to its end.</summary>
internal abstract class ForwardStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("It is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
