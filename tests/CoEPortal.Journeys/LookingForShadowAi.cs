using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>A campaign from its opening over an imported log and a disposition to two signatures.</summary>
public sealed class LookingForShadowAi(Stage stage)
{
    private static readonly LocatorAssertionsToBeVisibleOptions WhenBusy = new() { Timeout = 30_000 };

    [Fact]
    public async Task A_log_is_imported_a_tool_is_blocked_and_two_functions_sign()
    {
        var lead = await stage.AsAsync("coe-lead");
        await lead.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Campaigns" }).ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Open a campaign" }).ClickAsync();
        var dialog = lead.GetByRole(AriaRole.Dialog);
        // Filled in from the last one: nobody writes before the form has answered.
        await Expect(dialog.GetByLabel("Departments")).ToHaveValueAsync(new Regex("Claims"), new() { Timeout = 30_000 });
        await dialog.GetByLabel("Title").FillAsync("Contact centre");
        await Stage.DemandAccessibleAsync(lead);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Open the campaign" }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Heading, new() { Name = "Shadow AI campaign Contact centre" })).ToBeVisibleAsync(WhenBusy);
        await Expect(lead.GetByText("Nothing was found yet").First).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(lead);
        var address = new Uri(lead.Url).AbsolutePath;

        await lead.GetByRole(AriaRole.Link, new() { Name = "Import a log" }).First.ClickAsync();
        await Expect(lead.GetByText("Nothing was imported yet")).ToBeVisibleAsync(WhenBusy);
        var at = TimeProvider.System.GetUtcNow().AddMinutes(-30).ToUnixTimeSeconds();
        await Stage.ChooseFileAsync(lead.GetByLabel("File"), new FilePayload
        {
            Name = "edge.log",
            MimeType = "text/plain",
            Buffer = Encoding.UTF8.GetBytes($"{at}.1 45 10.0.0.1 TCP_TUNNEL/200 1000 CONNECT claude.ai:443 ada - -\nnonsense\n"),
        });
        await lead.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(lead.GetByText("1 too few fields")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Stage.PictureAsync(lead, "campaign-import");
        await Stage.DemandAccessibleAsync(lead);

        await lead.GotoAsync(address);
        await Expect(lead.GetByRole(AriaRole.Button, new() { Name = "Sign off campaign" })).ToBeDisabledAsync();
        await lead.GetByRole(AriaRole.Link, new() { Name = "Claude" }).ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Decide", Exact = true }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Decide", Exact = true }).ClickAsync();
        await Expect(dialog.GetByText("Choose what becomes of it.")).ToBeVisibleAsync(WhenBusy);
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Disposition" }).ClickAsync();
        await lead.GetByRole(AriaRole.Option, new() { Name = "Block" }).ClickAsync();
        await dialog.GetByLabel("Why").FillAsync("Names of customers were typed into it.");
        await Stage.DemandAccessibleAsync(lead);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Decide", Exact = true }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0, new() { Timeout = 30_000 });
        await Expect(lead.GetByText("Names of customers were typed into it.").First).ToBeVisibleAsync(WhenBusy);
        await Stage.PictureAsync(lead, "campaign-finding");
        await SignAsync(lead);
        await Expect(lead.GetByText("CoE lead, Mara Lindqvist")).ToBeVisibleAsync(WhenBusy);
        await lead.Context.CloseAsync();

        var security = await stage.AsAsync("security");
        await security.GotoAsync(address);
        await SignAsync(security);
        await Expect(security.Locator(".page-head").GetByText("Closed")).ToBeVisibleAsync(WhenBusy);
        await security.Context.CloseAsync();
    }

    private static async Task SignAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign off campaign" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0, new() { Timeout = 30_000 });
    }
}
