using System.Text;
using CoEPortal.Evidence.Verify;

namespace CoEPortal.Cli;

/// <summary>Checks audit PDFs, evidence bundles and whole logs, without a server and without a database.</summary>
internal static class AuditCommands
{
    private const long LargestDocument = 512 * 1024 * 1024;

    public static int Verify(string[] arguments)
    {
        var line = new CommandLine(arguments, "fingerprint", "key");
        if (line.Words.Count == 0)
        {
            throw new CommandException("Name the files: coe audit verify FILE… [--key KEY] [--fingerprint sha256:…]");
        }

        var check = new FileCheck(KeysOf(line.All("key")), line.Optional("fingerprint"));
        // Logs last: they are compared with every checkpoint that the other files carry.
        foreach (var file in line.Words.OrderBy(f => KindOf(f) is FileKind.Log))
        {
            check.Run(file, KindOf(file));
        }

        check.CompareCheckpoints();
        Console.WriteLine(check.Holds ? "Everything holds." : "Something does not hold.");
        Console.WriteLine($"Not proven: that what was recorded is true{check.NotProven}.");
        return check.Holds ? 0 : 1;
    }

    internal enum FileKind { Pdf, Json, Log, Checkpoints }

    private static FileKind KindOf(string file)
    {
        using var stream = File.OpenRead(file);
        Span<byte> start = stackalloc byte[300];
        var text = Encoding.Latin1.GetString(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        return text.Contains("%PDF-", StringComparison.Ordinal) ? FileKind.Pdf
            : text.Contains("coeportal/audit-log/", StringComparison.Ordinal) ? FileKind.Log
            : text.TrimStart().StartsWith('{') ? FileKind.Json
            : FileKind.Checkpoints;
    }

    /// <param name="given">Keys, or names of files that hold one on each line.</param>
    private static List<PinnedKey> KeysOf(IReadOnlyList<string> given)
    {
        try
        {
            return [.. given.SelectMany(k => File.Exists(k) ? File.ReadLines(k) : [k]).Where(k => !string.IsNullOrWhiteSpace(k)).Select(PinnedKey.Parse)];
        }
        catch (FormatException wrong)
        {
            throw new CommandException(wrong.Message);
        }
    }

    internal static byte[] ReadAll(string file) => new FileInfo(file).Length <= LargestDocument
        ? File.ReadAllBytes(file)
        : throw new CommandException($"{file} is larger than any report.");
}
