using CoEPortal.Web.Reports;
using Quartz;

namespace CoEPortal.Web.Worker;

/// <summary>Prints every audit PDF that waits, one after the other.</summary>
[DisallowConcurrentExecution]
public sealed class PrintAuditPacksJob(AuditPackPrinter printer) : IJob
{
    public const string Name = "print-audit-packs";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && await printer.PrintNextAsync(cancellationToken))
        {
        }
    }
}
