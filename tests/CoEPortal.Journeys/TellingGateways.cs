using CoEPortal.Governance.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;

namespace CoEPortal.Journeys;

/// <summary>The console says of each gateway that cannot ask whether it holds what is stopped.</summary>
// A gateway that cannot be told keeps every switch from being stopped everywhere.
[Collection("switches")]
public sealed class TellingGateways(Stage stage)
{
    [Fact]
    public async Task Each_state_is_said_in_words_and_what_is_unreachable_or_tested_by_contract_only_is_plain_to_see()
    {
        Assert.SkipWhen(stage.Browser is null, "There is no Chromium to journey with (./coe test installs it when run as root).");
        await using var db = await stage.Services.GetRequiredService<IDbContextFactory<GovernanceDb>>().CreateDbContextAsync();
        await db.Database.ExecuteSqlRawAsync(
            """
            insert into actuator (name, kind, gateway, is_configured, standing, since, generation, applied_at, read_at, carried, blocked, placed, detail, corrected, corrected_at, carries_models, version, event_count)
            values ('haproxy-lab', 'HaProxy', 'haproxy-lab', true, 'Effective', now() - interval '2 hours', 1, now(), now(), 4, 1, array[]::text[], '', 'Route:/claims was open', now() - interval '1 hour', true, 1, 1),
              ('kong-eu', 'Kong', 'kong-eu', true, 'Differs', now() - interval '5 minutes', 1, now(), now(), 9, 2, array[]::text[], 'Route:claims is open and should be blocked', '', null, false, 1, 1),
              ('litellm-eu', 'LiteLlm', 'litellm-eu', true, 'Unreachable', now() - interval '42 seconds', 1, now(), now() - interval '1 minute', 120, 3, array[]::text[], 'No answer within 3 s.', '', null, true, 1, 1)
            """);
        try
        {
            foreach (var (colours, width) in new[] { (ColorScheme.Light, 1400), (ColorScheme.Dark, 800) })
            {
                var page = await stage.AsAsync("auditor", colours, width);
                await page.GotoAsync("/switches");
                var told = page.GetByRole(AriaRole.Region, new() { Name = "1 gateway cannot be told what is stopped" });
                await Assertions.Expect(told.GetByText("Unreachable")).ToBeVisibleAsync();
                await Assertions.Expect(told.GetByText("Differs")).ToBeVisibleAsync();
                await Assertions.Expect(told.GetByText("Effective")).ToBeVisibleAsync();
                await Assertions.Expect(told.GetByText("contract only")).ToHaveCountAsync(2);
                await told.ScrollIntoViewIfNeededAsync();
                await Stage.PictureAsync(page, $"switches-told-{colours}-{width}".ToLowerInvariant());
                await Stage.DemandAccessibleAsync(page);
                await page.Context.CloseAsync();
            }
        }
        finally
        {
            await db.Database.ExecuteSqlRawAsync("update actuator set is_configured = false");
        }
    }
}
