using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>A CoE lead takes over somebody's list: columns by a few clicks, a dry run, the reasons, the import, and the rows afterwards.</summary>
public sealed class ImportingAnInventory(Stage stage)
{
    private const string List = "Project;Team;Status\nLetter sorter;Claims;live\nPhoto sorter;Claims;idea\n;Claims;live\n<b>Bold</b>;Claims;live\n";

    [Fact]
    public async Task A_list_is_mapped_by_clicks_tried_and_taken_over()
    {
        var page = await stage.AsAsync("coe-lead");
        await page.GotoAsync("/imports/new");
        await page.WaitForFunctionAsync("() => window.Blazor !== undefined");
        await page.Locator("#import-file").SetInputFilesAsync(new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(List) });
        await Expect(page.GetByText("4 rows, 3 columns, UTF-8")).ToBeVisibleAsync();
        await page.Locator("#import-mapping").ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "Another file" }).ClickAsync();
        await page.Locator("#map-title").SelectOptionAsync("Project");
        await page.Locator("#map-businessUnit").SelectOptionAsync("Team");
        await page.Locator("#map-phase").SelectOptionAsync("Status");
        await page.Locator(".meanings label", new() { HasText = "live" }).Locator("select").SelectOptionAsync("production");
        await page.Locator("#map-name").FillAsync("journey-list");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save the mapping" }).ClickAsync();

        await Expect(page.GetByText("2 use cases would be imported, 2 rows refused")).ToBeVisibleAsync();
        await Expect(page.GetByText("Name is empty.")).ToBeVisibleAsync();
        await Expect(page.GetByText("Write plain text")).ToBeVisibleAsync();
        await Stage.DemandAccessibleAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import 2 use cases" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "See each row" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("Import by journey-list");
        await page.GetByRole(AriaRole.Link, new() { Name = "Letter sorter" }).ClickAsync();
        await Expect(page.GetByText("Ungoverned: in production, registered, not approved")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }
}
