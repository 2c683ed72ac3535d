using CoEPortal.Evidence;
using CoEPortal.Evidence.Bundle;
using CoEPortal.Evidence.Pdf;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Audit;
using CoEPortal.Governance.Reports;

namespace CoEPortal.Web.Reports;

/// <summary>Makes the audit PDF that was asked for first: collects, lays out, prints, attaches the evidence, signs, and checks its own work.</summary>
public sealed class AuditPackPrinter(
    TakeAuditPack takeAuditPack, CollectAuditPack contents, AuditPackHtml html, PdfPrinter pdf, SigningKey key, LogForReports auditLog,
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

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lost = EndWhenLostAsync(job, end);
        try
        {
            await PrintAsync(job, end.Token);
        }
        catch (RuleViolationException taken) when (taken.Rule == "changed-meanwhile")
        {
            log.LogInformation("Audit pack {Id} was cancelled, or took so long that another printer took it over", job.Id);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            log.LogInformation("Audit pack {Id} is no longer this printer's: its browser was ended", job.Id);
        }
        catch (Exception known) when (known is PdfUnavailableException or RuleViolationException or AuditLogException)
        {
            await job.FailAsync(known.Message, cancellation);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LogError(error, "Audit pack {Id} of {Subject} could not be made", job.Id, job.Subject.Key);
            await job.FailAsync($"Something unexpected went wrong. The portal's log has it under {job.Id}.", cancellation);
        }
        finally
        {
            await end.CancelAsync();
            await lost;
        }

        return true;
    }

    /// <summary>Looks once a second whether the job is still to be printed; a browser must not go on for nobody.</summary>
    private async Task EndWhenLostAsync(TakenAuditPack job, CancellationTokenSource end)
    {
        try
        {
            await job.LostAsync(end.Token);
            await end.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // Printed, or the portal ends.
        }
        catch (Exception error) when (error is System.Data.Common.DbException or InvalidOperationException)
        {
            log.LogWarning(error, "Whether audit pack {Id} was cancelled could not be looked up; it is printed", job.Id);
        }
    }

    private async Task PrintAsync(TakenAuditPack job, CancellationToken cancellation)
    {
        await job.ReportAsync(10, "Collecting", cancellation);
        await auditLog.BringUpToDateAsync(cancellation);
        var pack = await contents.OfAsync(job.Subject, cancellation);
        var bundle = pack.ToBundle(Generator, auditLog.Key);
        var evidence = bundle.Write();

        await job.ReportAsync(25, "Laying out", cancellation);
        var now = clock.GetUtcNow();
        var certificate = key.Certificate;
        var imprint = new AuditPackImprint(
            organisation, job.RequestedByName, now, SigningCertificate.Fingerprint(certificate), ContentHash.OfBytes(evidence).ToString(),
            [.. BundleCheck.Verify(bundle).Concat(auditLog.Check(bundle)).Select(f => f.Message)], auditLog.Key)
        { Paper = job.Paper };

        await job.ReportAsync(30, "Counting pages", cancellation);
        var printed = await new NumberedPrinter(pdf).PrintAsync(
            pages => html.OfAsync(pack, imprint with { Pages = pages }), [.. ReportOutline.Of(pack).Entries.Select(e => e.Id)],
            () => job.ReportAsync(55, "Printing", cancellation), cancellation);

        await job.ReportAsync(90, "Attaching evidence", cancellation);
        var signed = PdfEvidence.Attach(
            printed,
            [new Attachment(EvidenceBundle.FileName, EvidenceBundle.MediaType, evidence, $"What the portal knows of {pack.Subject.Title}, for machines")],
            new PdfSignature(certificate, now, $"Audit report of {pack.Subject.Title}"));
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
