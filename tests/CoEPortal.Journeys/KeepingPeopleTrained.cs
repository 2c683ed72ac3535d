using System.Text;
using Microsoft.Playwright;
using Xunit;

namespace CoEPortal.Journeys;

/// <summary>From a file of the learning system to a use case that lets through only who was trained.</summary>
public sealed class KeepingPeopleTrained(Stage stage)
{
    [Fact]
    public async Task A_file_is_tried_imported_and_a_use_case_requires_the_course()
    {
        var page = await stage.AsAsync("coe-lead2");
        await page.GotoAsync("/training/import");
        var file = "course,learner,completed_on,evidence\nprompt-safety,journey-1,2026-01-05,J-1\nno-such-course,journey-2,2026-01-05,J-2\n";
        await Stage.ChooseFileAsync(page.Locator("#training-file"), new FilePayload { Name = "lms.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(file) });
        await Assertions.Expect(page.GetByText("1 completed course would be recorded, 0 known already, 1 refused")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("There is no course “no-such-course”.")).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "training-dry-run");
        await page.GetByRole(AriaRole.Button, new() { Name = "Import 1 completed course" }).ClickAsync();
        await Assertions.Expect(page.GetByText("1 completed course recorded")).ToBeVisibleAsync();

        await page.GotoAsync("/training/courses");
        await page.GetByRole(AriaRole.Button, new() { Name = "Require Working safely with prompts" }).ClickAsync();
        await page.GetByLabel("Use case").FillAsync("uc-9999");
        await page.GetByRole(AriaRole.Button, new() { Name = "Require it" }).ClickAsync();
        await Assertions.Expect(page.GetByText("There is no use case UC-9999")).ToBeVisibleAsync();
        await page.GetByLabel("Use case").FillAsync("uc-0004");
        await page.GetByRole(AriaRole.Button, new() { Name = "Require it" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "No longer required by UC-0004" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "No longer required by UC-0004" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task One_course_is_recorded_by_hand_with_its_certificate()
    {
        var page = await stage.AsAsync("coe-lead2");
        await page.GotoAsync("/training/register");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record one" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Record it" }).ClickAsync();
        await Assertions.Expect(dialog.GetByText("Choose the course.")).ToBeVisibleAsync();
        await Assertions.Expect(dialog.GetByText("Choose the certificate, or give its number.")).ToBeVisibleAsync();

        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Course" }).ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "Working safely with prompts" }).ClickAsync();
        await dialog.GetByLabel("End user").FillAsync("journey-by-hand");
        await Stage.ChooseFileAsync(dialog.Locator("#certificate-file"), new FilePayload { Name = "certificate.pdf", MimeType = "application/pdf", Buffer = "%PDF-1.7 of a course"u8.ToArray() });
        await Stage.PictureAsync(page, "training-by-hand");
        await Stage.DemandAccessibleAsync(page);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Record it" }).ClickAsync();
        await Assertions.Expect(dialog).ToHaveCountAsync(0);

        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = ": certificate of" }).First).ToBeVisibleAsync();
        await Stage.PictureAsync(page, "training-register");
        await page.Context.CloseAsync();
    }
}
