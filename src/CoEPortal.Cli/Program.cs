using CoEPortal.Cli;

var words = args.TakeWhile(a => !a.StartsWith('-')).Take(2).ToArray();
try
{
    return words switch
    {
        ["workflows", "lint"] => WorkflowCommands.Lint(args[2..]),
        ["workflows", "conformance"] => WorkflowCommands.Conform(args[2..]),
        ["token", "issue"] => await TokenCommands.IssueAsync(args[2..]),
        ["token", "revoke"] => await TokenCommands.RevokeAsync(args[2..]),
        ["db", "check"] => await DatabaseCommands.CheckAsync(),
        ["db", "change-personal-data-key"] => await DatabaseCommands.ChangePersonalDataKeyAsync(args[2..]),
        ["db", "migrate"] => await DatabaseCommands.MigrateAsync(),
        ["telemetry", "replay"] => await ReplayCommand.RunAsync(args[2..]),
        ["use-cases", "import"] => await ImportCommand.RunAsync(args[2..]),
        ["rules", "preview"] => await RulesCommand.PreviewAsync(args[2..]),
        ["prices", "import"] => PriceCommands.Import(args[2..]),
        ["audit", "export"] => await ExportCommand.RunAsync(args[2..]),
        ["shadow-ai", "import"] => await ShadowAiImport.RunAsync(args[2..]),
        ["shadow-ai", "scan"] => await ShadowAiCommands.ScanAsync(args[2..]),
        ["drill", ..] => await DrillCommand.RunAsync(args[1..]),
        ["audit", "verify"] => AuditCommands.Verify(args[2..]),
        _ => Usage(),
    };
}
catch (Exception error) when (error is CommandException or IOException or InvalidDataException or UnauthorizedAccessException
    or CoEPortal.Governance.Access.RuleViolationException or CoEPortal.Governance.Access.NotFoundException
    or CoEPortal.Governance.Persistence.EmbeddedPostgresException or CoEPortal.Governance.Persistence.MigrationException
    or Npgsql.NpgsqlException or HttpRequestException)
{
    await Console.Error.WriteLineAsync(error.Message);
    return 1;
}

static int Usage()
{
    Console.Error.WriteLine(
        $"""
        coe workflows lint [DIR]               check the workflow files, default workflows/
        coe workflows conformance DIR          run a conformance corpus; last line "N passed, M failed"
        coe token issue --name N --scope S     issue a machine token; it is the last word printed
            [--scope S]… [--use-case KEY] [--days 90]
            scopes: {string.Join(", ", CoEPortal.Governance.People.MachineToken.KnownScopes)}
        coe token revoke --name N              take every token of that name away
        coe telemetry replay FILE --use-case KEY --model M
                                               send a trace (CSV: TIMESTAMP, ContextTokens, GeneratedTokens) as telemetry
        coe use-cases import FILE --mapping M [--dry-run]
                                               take use cases over from a CSV inventory; M is a name (us-federal-2024) or a YAML file
        coe rules preview FILE                 which use cases a rules file would judge otherwise, before it takes effect
        coe drill KEY [--reason TEXT]          rehearse a stop and time each step; KEY may be canary
        coe shadow-ai scan FILE [--format squid] [--departments FILE] [--catalogue FILE] [--json]
                                               which AI services a proxy or name server's log knows; names nobody, sends nothing
                                               formats: squid, squid-common, dnsmasq, bind; FILE may be - or end with .gz
        coe shadow-ai import FILE --campaign KEY [--format squid] [--departments FILE]
                                               take a log or an export into a campaign, and wait until it was read
                                               formats as above, zscaler-web, entra-sign-ins, okta-system-log, card-spend; FILE may end with .gz
        coe prices import FILE --version V --from YYYY-MM-DD --source TEXT [--into templates/prices]
                                               make a price book of LiteLLM's public price map
        coe audit export FILE                  take the whole audit log out of the portal
        coe audit verify FILE…                 check audit PDFs, evidence, logs and kept checkpoints; exit 0 only if everything holds
            [--key KEY]… [--fingerprint F]     the portal's public keys and certificate, from your own papers
        coe db check                           every rule the data must keep (db/invariants.sql); exit 0 only if all hold
        coe db change-personal-data-key --to FILE [--from FILE]
                                               encrypt the keys of people with another key, while no node runs
        coe db migrate                         bring the schema up to date (ConnectionStrings__PortalOwner)

        COE_URL (default http://127.0.0.1:5080) and COE_TOKEN say where and as whom. `token` and `db` work on the
        database itself: ConnectionStrings__Portal, or the data directory of `./coe up`.
        """);
    return 2;
}

internal sealed partial class Program;
