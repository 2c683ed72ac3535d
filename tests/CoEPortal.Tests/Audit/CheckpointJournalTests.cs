using CoEPortal.Evidence;
using CoEPortal.Evidence.Log;
using CoEPortal.Web.Audit;

namespace CoEPortal.Tests.Audit;

public sealed class CheckpointJournalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("coe-journal-");
    private readonly LogKey _key = LogKey.Create("test.example/audit");

    private string File => Path.Combine(_folder.FullName, "checkpoints");

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_gives_back_what_it_was_given_last()
    {
        var journal = new CheckpointJournal(File);
        Assert.Null(await journal.RecallAsync(TestContext.Current.CancellationToken));
        for (var size = 1; size <= 200; size++)
        {
            await journal.PublishAsync(NoteOf(size), TestContext.Current.CancellationToken);
        }

        Assert.Equal("200", (await journal.RecallAsync(TestContext.Current.CancellationToken))!.Split('\n')[1]);
    }

    [Fact]
    public async Task Wherever_a_crash_cut_the_last_one_it_gives_back_the_one_before()
    {
        var (before, last) = (NoteOf(7), NoteOf(8));
        for (var cut = 0; cut <= last.Length; cut++)
        {
            await System.IO.File.WriteAllTextAsync(File, before + "\n" + last[..cut], TestContext.Current.CancellationToken);

            Assert.Equal(before, await new CheckpointJournal(File).RecallAsync(TestContext.Current.CancellationToken));
        }
    }

    private string NoteOf(long size) => _key.Sign(new Checkpoint(_key.Origin, size, ContentHash.OfBytes([(byte)size]), new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero)));
}
