using System.Security.Cryptography;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Evidence.Verify;

namespace CoEPortal.Cli;

/// <summary>One run of <c>coe audit verify</c>: what each file says, and whether the files are of one history.</summary>
internal sealed class FileCheck(List<PinnedKey> pinned, string? fingerprint)
{
    private readonly List<(string File, SignedCheckpoint Checkpoint)> _checkpoints = [];
    private readonly HashSet<string> _unpinned = [];
    private bool _sawLog;

    public bool Holds { get; private set; } = true;

    /// <summary>What an auditor could still ask, as the end of a sentence.</summary>
    public string NotProven =>
        (_sawLog ? "" : "; that no event is missing (give the log of `coe audit export` too)")
        + (_unpinned.Count > 0 ? "; that the key is your portal's (give it with --key)" : "")
        + (fingerprint is null ? "; that the certificate of a PDF is your portal's (give it with --fingerprint)" : "");

    public void Run(string file, AuditCommands.FileKind kind)
    {
        try
        {
            switch (kind)
            {
                case AuditCommands.FileKind.Pdf:
                    Pdf(file);
                    break;
                case AuditCommands.FileKind.Json:
                    Json(file, AuditCommands.ReadAll(file));
                    break;
                case AuditCommands.FileKind.Log:
                    Log(file);
                    break;
                default:
                    Keep(file, SignedCheckpoint.OpenAll(File.ReadAllText(file), Pinned()));
                    break;
            }
        }
        catch (Exception error) when (error is PdfFormatException or BundleFormatException or CheckFailedException or CryptographicException or FormatException or System.Text.DecoderFallbackException)
        {
            Fault(file, error.Message);
        }
    }

    /// <summary>Two checkpoints of one size must have one root: otherwise somebody keeps two histories.</summary>
    public void CompareCheckpoints()
    {
        foreach (var same in _checkpoints.GroupBy(c => (c.Checkpoint.Origin, c.Checkpoint.Size)))
        {
            foreach (var (file, checkpoint) in same.Skip(1).Where(c => !c.Checkpoint.Root.AsSpan().SequenceEqual(same.First().Checkpoint.Root)))
            {
                Fault(file, $"Of the log {checkpoint.Origin} with {checkpoint.Size:N0} entries there is another root in {same.First().File}: there are two histories. (fork)");
            }
        }
    }

    private void Pdf(string file)
    {
        var pdf = AuditCommands.ReadAll(file);
        var signature = PdfSignatureCheck.Verify(pdf);
        if (!signature.Holds)
        {
            Fault(file, signature.Refusal ?? "The signature does not hold.");
            return;
        }

        var signer = signature.Signer!;
        Console.WriteLine($"{file}: signed {signer.SignedAt:yyyy-MM-dd HH:mm:ss} UTC by {signer.Subject}, certificate {signer.CertificateFingerprint}");
        if (fingerprint is not null && signer.CertificateFingerprint != fingerprint)
        {
            Fault(file, $"It is signed by another certificate, {signer.CertificateFingerprint}.");
            return;
        }

        if (PdfEvidence.Extract(pdf).SingleOrDefault(a => a.Name == EvidenceBundle.FileName) is not { } evidence)
        {
            Fault(file, $"It carries no {EvidenceBundle.FileName}.");
            return;
        }

        Bundle(file, EvidenceBundle.Read(evidence.Data));
    }

    private void Json(string file, byte[] json)
    {
        if (json.AsSpan().IndexOf("coeportal/entry-proof/"u8) < 0)
        {
            Bundle(file, EvidenceBundle.Read(json));
            return;
        }

        var proof = EntryProof.Read(json);
        var checkpoint = EntryCheck.Verify(proof, pinned.Count > 0 ? pinned : [OwnKey(proof.Key)]);
        Keep(file, [checkpoint]);
        Console.WriteLine($"{file}: entry {proof.Entry.Index:N0} is in the log of {checkpoint.Size:N0} that {checkpoint.Origin} signed {checkpoint.At:yyyy-MM-dd HH:mm:ss} UTC. It says: {proof.Entry.Data}");
    }

    private void Bundle(string file, EvidenceBundle bundle)
    {
        var findings = BundleCheck.Verify(bundle).ToList();
        if (bundle.Log is { } log)
        {
            findings.AddRange(BundleLogCheck.Verify(bundle, pinned.Count > 0 ? pinned : [OwnKey(log.Key)], out var checkpoints));
            Keep(file, checkpoints);
            if (checkpoints.Count > 0)
            {
                Console.WriteLine($"{file}: {bundle.Events.Count + (log.Range?.Entries.Count ?? 0):N0} events, each in the log of {checkpoints[^1].Size:N0} that {checkpoints[^1].Origin} signed {checkpoints[^1].At:yyyy-MM-dd HH:mm:ss} UTC");
            }
        }
        else
        {
            Console.WriteLine($"{file}: made before the portal kept a log; its events are proven only to agree with each other");
        }

        findings.ForEach(f => Fault(file, $"{f.Message} ({f.Rule})"));
    }

    private void Log(string file)
    {
        _sawLog = true;
        using var stream = File.OpenRead(file);
        var report = LogCheck.Verify(stream, Pinned(), _checkpoints.Select(c => c.Checkpoint));
        Console.WriteLine($"{file}: {report.Size:N0} entries of {report.Origin}, {report.SignedSize:N0} of them signed, {report.Checkpoints:N0} checkpoints, the last {report.SignedAt:yyyy-MM-dd HH:mm:ss} UTC");
        foreach (var finding in report.Findings)
        {
            var text = finding.Index is { } index ? $"{finding.Message} ({finding.Rule}, entry {index})" : $"{finding.Message} ({finding.Rule})";
            if (finding.IsFault)
            {
                Fault(file, text);
            }
            else
            {
                Console.WriteLine($"{file}: note: {text}");
            }
        }
    }

    private void Keep(string file, IReadOnlyList<SignedCheckpoint> checkpoints) => _checkpoints.AddRange(checkpoints.Select(c => (file, c)));

    private List<PinnedKey> Pinned() => pinned.Count > 0 ? pinned
        : throw new CheckFailedException("no-key", "A log and its checkpoints are checked with the key of the portal: --key origin+id+key, or a file with it.");

    private PinnedKey OwnKey(string key)
    {
        _unpinned.Add(key);
        return PinnedKey.Parse(key);
    }

    private void Fault(string file, string message)
    {
        Holds = false;
        Console.WriteLine($"{file}: {message}");
    }
}
