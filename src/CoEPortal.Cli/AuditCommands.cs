using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;

namespace CoEPortal.Cli;

/// <summary>Checks audit PDFs without a server and without a database.</summary>
internal static class AuditCommands
{
    public static int Verify(string[] arguments)
    {
        var line = new CommandLine(arguments, "fingerprint");
        if (line.Words.Count == 0)
        {
            throw new CommandException("Name the files: coe audit verify FILE… [--fingerprint sha256:…]");
        }

        var holds = true;
        foreach (var file in line.Words)
        {
            var faults = FaultsOf(File.ReadAllBytes(file), line.Optional("fingerprint"), out var signer);
            foreach (var fault in faults)
            {
                holds = false;
                Console.WriteLine($"{file}: {fault}");
            }

            if (signer is not null)
            {
                Console.WriteLine($"{file}: signed {signer.SignedAt:yyyy-MM-dd HH:mm:ss} UTC by {signer.Subject}, certificate {signer.CertificateFingerprint}");
            }
        }

        Console.WriteLine(holds
            ? "Everything holds: nothing in these files was changed after they were signed, and what was decided is what was submitted."
            : "Something does not hold.");
        Console.WriteLine("Not proven: that no event is missing from a file, and, without --fingerprint, that the certificate is your portal's.");
        return holds ? 0 : 1;
    }

    private static IReadOnlyList<string> FaultsOf(byte[] pdf, string? fingerprint, out PdfSigner? signer)
    {
        var signature = PdfSignatureCheck.Verify(pdf);
        signer = signature.Signer;
        if (!signature.Holds)
        {
            return [signature.Refusal ?? "The signature does not hold."];
        }

        if (fingerprint is not null && signature.Signer!.CertificateFingerprint != fingerprint)
        {
            return [$"It is signed by another certificate, {signature.Signer.CertificateFingerprint}."];
        }

        try
        {
            var evidence = PdfEvidence.Extract(pdf).SingleOrDefault(a => a.Name == EvidenceBundle.FileName);
            return evidence is null
                ? [$"It carries no {EvidenceBundle.FileName}."]
                : [.. BundleCheck.Verify(EvidenceBundle.Read(evidence.Data)).Select(f => $"{f.Message} ({f.Rule})")];
        }
        catch (Exception error) when (error is PdfFormatException or BundleFormatException)
        {
            return [error.Message];
        }
    }
}
