using System.Text.RegularExpressions;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Approvals;
using CoEPortal.Governance.People;
using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace CoEPortal.Journeys;

/// <summary>Somebody asks to be erased, Legal holds them for a while, and two people carry it out.</summary>
public sealed class ErasingAPerson(Stage stage)
{
    private static readonly LocatorAssertionsToBeVisibleOptions WhenBusy = new() { Timeout = 30_000 };

    [Fact]
    public async Task The_privacy_office_asks_Legal_holds_and_a_CoE_lead_carries_it_out()
    {
        var privacy = await stage.AsAsync("privacy");
        await GivenSomebodyWhoSaidSomethingAsync("Otto Leaver", "otto@demo");
        await privacy.GetByRole(AriaRole.Navigation, new() { Name = "Main" }).GetByRole(AriaRole.Link, new() { Name = "Personal data" }).ClickAsync();
        await privacy.GetByRole(AriaRole.Searchbox, new() { Name = "Search people" }).FillAsync("otto l");
        await privacy.GetByRole(AriaRole.Link, new() { NameRegex = new Regex("^Otto Leaver") }).ClickAsync();
        await Expect(privacy.GetByRole(AriaRole.Heading, new() { Name = "Nothing stands against erasing them" })).ToBeVisibleAsync(WhenBusy);
        await privacy.GetByRole(AriaRole.Button, new() { Name = "Ask for erasure" }).ClickAsync();
        var dialog = privacy.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Ask for erasure" }).ClickAsync();
        await Expect(dialog.GetByText("Say why.")).ToBeVisibleAsync(WhenBusy);
        await dialog.GetByLabel("Reason").FillAsync("A request under Article 17.");
        await Stage.DemandAccessibleAsync(privacy);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Ask for erasure" }).ClickAsync();
        await privacy.GetByRole(AriaRole.Link, new() { Name = "Erasure asked for" }).ClickAsync();
        await Expect(privacy.GetByRole(AriaRole.Button, new() { Name = "Take back the request to erase Otto Leaver" })).ToBeVisibleAsync(WhenBusy);
        await Expect(privacy.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Carry out") })).ToHaveCountAsync(0);
        await privacy.Context.CloseAsync();

        var legal = await stage.AsAsync("legal");
        await legal.GotoAsync("/privacy?person=otto%40demo");
        await legal.GetByRole(AriaRole.Button, new() { Name = "Set a legal hold" }).ClickAsync();
        await legal.GetByRole(AriaRole.Dialog).GetByLabel("Reason").FillAsync("Claim 4711.");
        await legal.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Set the hold" }).ClickAsync();
        await Expect(legal.GetByText("A legal hold stands over this person.")).ToBeVisibleAsync(WhenBusy);
        await legal.Context.CloseAsync();

        var lead = await stage.AsAsync("coe-lead");
        await lead.GotoAsync("/privacy/requests");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Carry out: erase Otto Leaver" }).ClickAsync();
        dialog = lead.GetByRole(AriaRole.Dialog);
        await Expect(dialog.GetByText("This stands against it")).ToBeVisibleAsync(WhenBusy);
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Erase Otto Leaver" })).ToBeDisabledAsync();
        await Stage.PictureAsync(lead, "erasure-held");
        await Stage.DemandAccessibleAsync(lead);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await lead.GotoAsync("/privacy/holds");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Lift the hold over Otto Leaver" }).ClickAsync();
        await dialog.GetByLabel("Reason").FillAsync("The claim was settled.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Lift the hold" }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Row).Filter(new() { HasText = "Otto Leaver" })).ToContainTextAsync("Lifted", new() { Timeout = 30_000 });

        await lead.GotoAsync("/privacy/requests");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Carry out: erase Otto Leaver" }).ClickAsync();
        await Stage.PictureAsync(lead, "erasure");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Erase Otto Leaver" }).ClickAsync();
        await Expect(dialog.GetByText(new Regex("^Erased: "))).ToBeVisibleAsync(WhenBusy);
        await Stage.DemandAccessibleAsync(lead);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).Last.ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Row).Filter(new() { HasText = "otto@demo" })).ToContainTextAsync("Erased person");

        await lead.GotoAsync("/use-cases/UC-0004?tab=discussion");
        await Expect(lead.GetByText("Erased person").First).ToBeVisibleAsync(WhenBusy);
        await Expect(lead.GetByText("Otto")).ToHaveCountAsync(0);
        await lead.Context.CloseAsync();
    }

    private async Task GivenSomebodyWhoSaidSomethingAsync(string name, string id)
    {
        var actor = new Actor(new PersonId(id), name, new HashSet<Role> { Role.Risk }, "Risk");
        await using var db = await stage.Services.GetRequiredService<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        db.People.Add(Person.Register(actor, Actor.Rule("journey"), TimeProvider.System.GetUtcNow()));
        await db.SaveChangesAsync();
        await stage.Services.GetRequiredService<Discussion>().WriteAsync("UC-0004", "I leave at the end of the month.", actor);
    }
}
