using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Reports;

namespace CoEPortal.Web.Reports;

/// <summary>Makes the audit PDF that was asked for first: collects, lays out, prints, attaches the evidence, signs, and checks its own work.</summary>
public sealed class AuditPackPrinter(
    TakeAuditPack takeAuditPack, AuditPackContents contents, AuditPackHtml html, PdfPrinter pdf, SigningKey key, LogForReports auditLog,
    Organisation organisation, TimeProvider clock, ILogger<AuditPackPrinter> log)
{
    private static readonly string Generator = $"CoEPortal {typeof(AuditPackPrinter).Assembly.GetName().Version?.ToString(3)}";

    /// <returns>Whether there was one, whatever became of it.</returns>
    public async Task<bool> PrintNextAsync(CancellationToken cancellation = default)
    {
        await using var job = await takeAuditPack.RunAsync(cancellation);
        if (job is null)
        {
            return false;
        }

        try
        {
            await PrintAsync(job, cancellation);
        }
        catch (RuleViolationException taken) when (taken.Rule == "changed-meanwhile")
        {
            log.LogWarning("Audit pack {Id} took so long that another printer took it over", job.Id);
        }
        catch (Exception known) when (known is PdfUnavailableException or RuleViolationException or AuditLogException)
        {
            await job.FailAsync(known.Message, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LogError(error, "Audit pack {Id} of {UseCase} could not be made", job.Id, job.UseCaseKey);
            await job.FailAsync($"Something unexpected went wrong. The portal's log has it under {job.Id}.", cancellation);
        }

        return true;
    }

    private async Task PrintAsync(TakenAuditPack job, CancellationToken cancellation)
    {
        await job.ReportAsync(10, "Collecting", cancellation);
        await auditLog.BringUpToDateAsync(cancellation);
        var pack = await contents.OfAsync(job.UseCaseKey, cancellation);
        var bundle = pack.ToBundle(Generator, auditLog.Key);
        var evidence = bundle.Write();

        await job.ReportAsync(30, "Laying out", cancellation);
        var now = clock.GetUtcNow();
        var certificate = key.Certificate;
        var page = await html.OfAsync(pack, new AuditPackImprint(
            organisation, job.RequestedByName, now, SigningCertificate.Fingerprint(certificate), ContentHash.OfBytes(evidence).ToString(),
            [.. BundleCheck.Verify(bundle).Concat(auditLog.Check(bundle)).Select(f => f.Message)], auditLog.Key));

        await job.ReportAsync(50, "Printing", cancellation);
        var printed = await pdf.PrintAsync(page, cancellation);

        await job.ReportAsync(90, "Attaching evidence", cancellation);
        var signed = PdfEvidence.Attach(
            printed,
            [new Attachment(EvidenceBundle.FileName, EvidenceBundle.MediaType, evidence, $"What the portal knows of {job.UseCaseKey}, for machines")],
            new PdfSignature(certificate, now, $"Audit report of {job.UseCaseKey}"));
        DemandSound(signed, evidence);
        await job.FinishAsync(signed, pack.Log?.Size, cancellation);
    }

    /// <summary>Nobody should be handed a report that does not verify.</summary>
    private static void DemandSound(byte[] pdf, byte[] evidence)
    {
        var report = PdfSignatureCheck.Verify(pdf);
        if (!report.Holds || PdfEvidence.Extract(pdf) is not [var attached] || !attached.Data.Span.SequenceEqual(evidence))
        {
            throw new PdfUnavailableException($"The finished report did not verify, so it was thrown away. {report.Refusal}");
        }
    }
}
