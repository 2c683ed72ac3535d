using CoEPortal.Governance.Cards;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Cards;

/// <summary>Starts a card, empty or from a published one.</summary>
public sealed partial class NewCardPage(CurrentActor current, WriteCard write, NavigationManager navigation) : ComponentBase
{
    private static readonly Choice<CardKind>[] Kinds = [new(CardKind.Model, "A model", "By its name and version"), new(CardKind.System, "A system", "The whole use case around it")];

    private Attempt? _attempt;
    private CardKind _kind;
    private string _useCase = "";
    private string _name = "";
    private string _version = "";
    private byte[]? _file;
    private string? _wrong;

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        (_file, _wrong) = (null, chosen.File.Size > CardMarkdown.LargestFile ? $"A card has at most {CardMarkdown.LargestFile / 1024} KB." : null);
        if (_wrong is null)
        {
            using var read = new MemoryStream();
            await using var stream = chosen.File.OpenReadStream(CardMarkdown.LargestFile);
            await stream.CopyToAsync(read);
            _file = read.ToArray();
        }
    }

    private async Task StartAsync()
    {
        var useCase = _kind is CardKind.System ? _useCase.Trim().ToUpperInvariant() : null;
        string? key = null;
        if (await _attempt!.RunAsync(async () =>
        {
            var actor = await current.GetAsync();
            key = (_file is { } file
                ? await write.ImportAsync(file, _kind, _name, _version, useCase, actor)
                : await write.StartAsync(new CardDraft(_kind, _name, _version, useCase, new CardContent()), actor)).Key;
        }))
        {
            navigation.NavigateTo($"/cards/{key}/edit");
        }
    }
}
