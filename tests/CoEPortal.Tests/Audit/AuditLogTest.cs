using CoEPortal.Evidence.Log;
using CoEPortal.Evidence.Verify;
using CoEPortal.Governance.Audit;
using CoEPortal.Tests.Persistence;
using Npgsql;

namespace CoEPortal.Tests.Audit;

/// <summary>Words for tests of the audit log: things happen, are numbered and signed, and somebody checks.</summary>
public abstract class AuditLogTest(TestPostgres postgres) : GovernanceTest(postgres), ICheckpointMemory
{
    protected LogKey Key { get; } = LogKey.Create("test.example/audit");

    protected PinnedKey Pin => PinnedKey.Parse(Key.Public);

    /// <summary>What this node remembers to have signed.</summary>
    protected string? Remembered { get; set; }

    /// <summary>What others were given.</summary>
    protected List<string> Published { get; } = [];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Key.Dispose();
        GC.SuppressFinalize(this);
    }

    Task<string?> ICheckpointMemory.RecallAsync(CancellationToken cancellation) => Task.FromResult(Remembered);

    Task ICheckpointSink.PublishAsync(string note, CancellationToken cancellation)
    {
        Remembered = note;
        Published.Add(note);
        return Task.CompletedTask;
    }

    protected async Task<string?> SignAsync(LogKey? key = null)
    {
        Clock.Advance(TimeSpan.FromSeconds(1));
        return await new SignCheckpoints(Get<NpgsqlDataSource>(), key ?? Key, [this], Clock).RunAsync();
    }

    /// <summary>Some work of people, numbered and signed after each piece.</summary>
    protected async Task GivenALogAsync(int pieces = 4)
    {
        for (var i = 0; i < pieces; i++)
        {
            await GivenASubmittedAsync(ClaimsProposal);
            await Get<IntegrateEvents>().RunAsync();
            await SignAsync();
        }
    }

    protected async Task<LogReport> CheckAsync(params string[] outside) => Check(await ExportAsync(), outside);

    protected LogReport Check(byte[] file, params string[] outside) =>
        LogCheck.Verify(new MemoryStream(file), [Pin], outside.Select(o => SignedCheckpoint.Open(o, [Pin])));

    protected async Task<byte[]> ExportAsync()
    {
        var file = new MemoryStream();
        await Get<ExportLog>().RunAsync(file, Key.Origin, Who("auditor"));
        return file.ToArray();
    }

    protected async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Get<NpgsqlDataSource>().CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
