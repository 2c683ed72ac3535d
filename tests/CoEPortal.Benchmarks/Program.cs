using CoEPortal.Benchmarks;

// Each benchmark prints a table and ends with its headline. Only a ratio measured in the same run decides the exit code.
return args.FirstOrDefault() switch
{
    "audit" => await AuditBenchmark.RunAsync(args.ElementAtOrDefault(1)),
    "decide" => await DecideBenchmark.RunAsync(),
    "ingest" => await IngestBenchmark.RunAsync(args.ElementAtOrDefault(1)),
    "kill" => await KillBenchmark.RunAsync(),
    "pdf" => await PdfBenchmark.RunAsync(),
    "shadow" => await ShadowBenchmark.RunAsync(args.ElementAtOrDefault(1)),
    "start" => await StartBenchmark.RunAsync(),
    "workflow" => await WorkflowBenchmark.RunAsync(args.ElementAtOrDefault(1)),
    "bare-kestrel" => await DecideBenchmark.ServeBareAsync(args[1]),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("./coe bench audit [writes|verify] | decide | ingest [CALLS] | kill | pdf | shadow [MEGABYTES] | start | workflow [INSTANCES]");
    return 2;
}
