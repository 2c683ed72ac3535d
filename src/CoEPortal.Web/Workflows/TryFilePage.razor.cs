using CoEPortal.Governance.Approvals;
using CoEPortal.Web.Components;
using CoEPortal.Web.SignIn;
using CoEPortal.Workflows;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;

namespace CoEPortal.Web.Workflows;

/// <summary>A file before it is published: its findings, or what it does. Nothing of it is stored.</summary>
public sealed partial class TryFilePage(CurrentActor current, WorkflowCatalogue catalogue) : ComponentBase
{
    private const int MostFindings = 100;
    private const int MostDrawn = 300;
    private const int LongestName = 100;
    private static readonly IReadOnlyList<Crumb> Way = [new("Workflows", "/workflows")];

    private Attempt? _attempt;
    private TriedFile? _tried;
    private string? _wrong;

    private async Task ReadAsync(InputFileChangeEventArgs chosen)
    {
        (_tried, _wrong) = (null, null);
        var file = chosen.File;
        if (file.Size > DefinitionJson.MaxBytes)
        {
            _wrong = $"This file has {file.Size / 1024:N0} kB. A workflow has at most {DefinitionJson.MaxBytes / 1024:N0} kB.";
            return;
        }

        await _attempt!.RunAsync(async () =>
        {
            using var read = new MemoryStream();
            await using var stream = file.OpenReadStream(DefinitionJson.MaxBytes);
            await stream.CopyToAsync(read);
            var name = file.Name.Length > LongestName ? file.Name[..LongestName] : file.Name;
            _tried = await catalogue.TryFileAsync(name, read.ToArray(), await current.GetAsync());
        });
    }

    private static string Verdict(TriedFile tried) => tried.IsPublished
        ? $"{tried.File} is published as version {tried.Definition!.Version}, exactly as it is"
        : $"{tried.File} would be published as version {tried.Definition!.Version}";

    private static string WhatHappens(TriedFile tried) => tried switch
    {
        { IsPublished: true } => "Putting it into the folder again changes nothing.",
        { Newest: { } newest } when newest > tried.Definition!.Version => $"Version {newest} is newer and stays in force.",
        { Newest: { } newest } => $"It would take the place of version {newest} for new reviews; those that run stay on theirs. Put it into the folder workflows and start the portal again.",
        _ => "It would be the first version. Put it into the folder workflows and start the portal again.",
    };
}
