using CoEPortal.Governance.Import;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Import;

/// <summary>A file, a mapping, a dry run, an import.</summary>
public sealed partial class NewImportPage(CurrentActor current, ImportUseCases import, ImportMappings mappings) : ComponentBase
{
    private const string Own = "own";

    private Attempt? _attempt;
    private byte[] _content = [];
    private InventoryFile? _file;
    private MappingDraft? _draft;
    private ImportOutcome? _outcome;
    private string? _mapping;
    private string? _wrong;
    private IReadOnlyList<Choice<string>> _choices = [];

    protected override Task OnInitializedAsync() => ListAsync(null);

    private async Task ListAsync(string? chosen)
    {
        var known = await mappings.AllAsync(await current.GetAsync());
        _choices = [.. known.Select(m => new Choice<string>(m.Name, m.Title.Length > 0 ? m.Title : m.Name)), new(Own, "Another file: choose its columns here")];
        _mapping = chosen ?? (known is [var first, ..] ? first.Name : Own);
    }

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        (_file, _outcome, _draft, _wrong) = (null, null, null, null);
        if (chosen.File.Size > InventoryFile.LargestBytes)
        {
            _wrong = $"This file has {chosen.File.Size / 1024 / 1024:N0} MB. At most {InventoryFile.LargestBytes / 1024 / 1024} MB are read at once.";
            return;
        }

        await _attempt!.RunAsync(async () =>
        {
            using var read = new MemoryStream();
            await using var stream = chosen.File.OpenReadStream(InventoryFile.LargestBytes);
            await stream.CopyToAsync(read);
            _content = read.ToArray();
            _file = InventoryFile.Read(_content);
            await ChooseAsync(_mapping);
        });
    }

    private Task ChooseAsync(string? mapping)
    {
        (_mapping, _outcome) = (mapping, null);
        _draft = mapping == Own && _file is { } file ? new MappingDraft(file) : null;
        return Task.CompletedTask;
    }

    private async Task SavedAsync(string name)
    {
        await ListAsync(name);
        _draft = null;
        await DryRunAsync();
    }

    private Task DryRunAsync() => RunAsync(isDryRun: true, null);

    private Task ImportAsync() => RunAsync(isDryRun: false, "Imported");

    private Task<bool> RunAsync(bool isDryRun, string? done) => _attempt!.RunAsync(async () =>
    {
        var actor = await current.GetAsync();
        _outcome = await import.RunAsync(_content, await mappings.NamedAsync(_mapping ?? "", actor), isDryRun, actor);
    }, done);

    private static string Verdict(ImportOutcome outcome) => string.Join(", ", new[]
    {
        $"{InWords.Count(outcome.Imported, "use case")} {(outcome.IsDryRun ? "would be imported" : "imported")}",
        outcome.Unchanged > 0 ? $"{InWords.Number(outcome.Unchanged)} known before" : "",
        outcome.Refused > 0 ? $"{InWords.Count(outcome.Refused, "row")} refused" : "none refused",
    }.Where(part => part.Length > 0));
}
