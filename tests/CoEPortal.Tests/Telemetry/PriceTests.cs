using System.Text.Json;
using CoEPortal.Governance.Access;
using CoEPortal.Governance.Telemetry;
using CoEPortal.Tests.Persistence;
using Microsoft.EntityFrameworkCore;

namespace CoEPortal.Tests.Telemetry;

public sealed class PriceTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static ReportedCall Call => new() { Source = "test", SourceEventId = "a", StartedAt = Noon, RequestModel = "m", InputTokens = 100, OutputTokens = 10 };

    private static ModelPrice Price => new()
    {
        Name = "m",
        InputPerToken = 10,
        CachedInputPerToken = 1,
        CacheWritePerToken = 12,
        OutputPerToken = 50,
        BatchInputPerToken = 5,
        BatchOutputPerToken = 25,
        LongContext = new LongContextPrice { AboveInputTokens = 200, InputPerToken = 20, OutputPerToken = 75, CachedInputPerToken = 2 },
    };

    [Fact]
    public void Cached_written_batch_and_long_input_have_prices_of_their_own()
    {
        Assert.Equal(100 * 10 + 10 * 50, Price.CostOf(Call));
        Assert.Equal(30 * 10 + 50 * 1 + 20 * 12 + 10 * 50, Price.CostOf(Call with { CachedInputTokens = 50, CacheWriteTokens = 20 }));
        Assert.Equal(100 * 5 + 10 * 25, Price.CostOf(Call with { IsBatch = true }));
        Assert.Equal(200 * 10 + 10 * 50, Price.CostOf(Call with { InputTokens = 200 }));
        Assert.Equal(151 * 20 + 50 * 2 + 10 * 75, Price.CostOf(Call with { InputTokens = 201, CachedInputTokens = 50 }));
        Assert.Equal(100 * 1 + 10 * 50, Price.CostOf(Call with { CachedInputTokens = 1_000_000 }));
    }

    [Fact]
    public void A_call_is_priced_by_the_book_in_force_when_it_was_made()
    {
        var books = Books(("old", new DateOnly(2026, 1, 1), 1), ("new", new DateOnly(2026, 11, 20), 2));

        Assert.Equal((110m, "priced@old"), Of(books.CostOf(Call with { StartedAt = Noon.AddDays(-1) })));
        Assert.Equal((220m, "priced@new"), Of(books.CostOf(Call)));
    }

    [Fact]
    public void The_public_price_map_becomes_a_book_that_says_the_same()
    {
        var json = File.ReadAllText(Repository.Shared("data", "litellm-model-prices.json"));

        var imported = ImportPriceMap.Read(json, "2026-11", new DateOnly(2026, 11, 1), "Public LiteLLM price map (MIT licence)");

        using var map = JsonDocument.Parse(json);
        Assert.Equal(218, imported.Book.Models.Count + imported.LeftOut.Count);
        Assert.InRange(imported.Book.Models.Count, 160, 218);
        foreach (var model in imported.Book.Models)
        {
            var listed = map.RootElement.GetProperty(model.Name);
            decimal? Listed(string name) => listed.TryGetProperty(name, out var price) ? price.GetDecimal() : null;
            Assert.Equal(
                (model.Name, Listed("input_cost_per_token"), Listed("cache_read_input_token_cost"), Listed("cache_creation_input_token_cost"), Listed("output_cost_per_token") ?? 0, Listed("input_cost_per_token_batches"), Listed("output_cost_per_token_batches")),
                (model.Name, model.InputPerToken, model.CachedInputPerToken, model.CacheWritePerToken, model.OutputPerToken, model.BatchInputPerToken, model.BatchOutputPerToken));
        }

        var sonnet = imported.Book.Models.Single(m => m.Name == "claude-4-sonnet-20250514").LongContext!;
        Assert.Equal((200_000, 0.000006m, 0.0000225m, 0.0000006m), (sonnet.AboveInputTokens, sonnet.InputPerToken, sonnet.OutputPerToken, sonnet.CachedInputPerToken));
        Assert.Equal(272_000, imported.Book.Models.Single(m => m.Name == "gpt-5.4").LongContext!.AboveInputTokens);
    }

    [Fact]
    public void A_published_book_is_never_overwritten()
    {
        var folder = Directory.CreateTempSubdirectory("prices-");
        var book = ImportPriceMap.Read("""{"m":{"mode":"chat","input_cost_per_token":1e-06,"output_cost_per_token":2e-06}}""", "2026-11", new DateOnly(2026, 11, 1), "test").Book;
        ImportPriceMap.Publish(book, folder.FullName);

        Assert.Throws<InvalidDataException>(() => ImportPriceMap.Publish(book, folder.FullName));
        Assert.Throws<InvalidDataException>(() => ImportPriceMap.Publish(book with { Version = "2026-11b" }, folder.FullName));
        Assert.Equal(0.00012m, new PriceBooks(folder.FullName).CostOf(Call).Dollars);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_command_line_makes_a_book_says_what_it_leaves_out_and_refuses_the_second_time()
    {
        var folder = Directory.CreateTempSubdirectory("prices-");
        string[] command = ["prices", "import", Repository.Shared("data", "litellm-model-prices.json"), "--version", "2026-11", "--from", "2026-11-01", "--source", "Public map", "--into", folder.FullName];

        var (exit, output) = await Coe.RunAsync(command);

        Assert.Equal((0, Path.Combine(folder.FullName, "2026-11.yaml")), (exit, output.TrimEnd().Split('\n')[^1]));
        Assert.Contains("priced by something else than text tokens", output, StringComparison.Ordinal);
        Assert.Equal(1, (await Coe.RunAsync(command)).ExitCode);
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("[]", "2026-11", "x")]
    [InlineData("{", "2026-11", "x")]
    [InlineData("{}", "../2026", "x")]
    [InlineData("{}", "2026-11", "")]
    [InlineData("""{"m":{"mode":"chat","input_cost_per_token":-1,"output_cost_per_token":1}}""", "2026-11", "x")]
    public void A_map_that_cannot_be_used_is_refused(string json, string version, string source) =>
        Assert.Throws<InvalidDataException>(() => ImportPriceMap.Read(json, version, new DateOnly(2026, 11, 1), source));

    [Fact]
    public async Task Pricing_again_changes_priced_and_unknown_costs_totals_and_budgets_and_never_a_reported_one()
    {
        var key = await GivenAnApprovedAsync(HelpBotProposal);
        var cheap = Books(("old", new DateOnly(2026, 1, 1), 0.001m));
        await Recording(cheap).RunAsync([Call, Call with { SourceEventId = "b", ReportedCost = 7 }, Call with { SourceEventId = "c", RequestModel = "unheard-of" }], key);
        var dear = new PriceBooks([.. BooksOf(("old", new DateOnly(2026, 1, 1), 0.002m)).Select(b => b with { Models = [.. b.Models, b.Models[0] with { Name = "unheard-of" }] })]);

        var run = await Repricing(dear).RunAsync(Noon.AddHours(-1), Noon.AddHours(1), "The provider changed its list.", Who("coe-lead"));

        Assert.Equal((2, 2, 0.11m, 0.44m), (run.Calls, run.ChangedCalls, run.CostBefore, run.CostAfter));
        var usage = await Get<UsageReport>().OfAsync(key, null, null, Who("coe-lead"));
        Assert.Equal((3, 0, 7.44m), (usage.Calls, usage.UnpricedCalls, usage.Cost));
        await using var db = await DbAsync();
        Assert.Equal(7m, await db.Database.SqlQueryRaw<decimal>("select cost as \"Value\" from telemetry.call where cost_origin = 'reported'").SingleAsync());
        Assert.Equal("CallsRepriced", (await db.AuditEvents.SingleAsync(e => e.SubjectType == "price-run")).Action);

        Assert.Equal(0, (await Repricing(dear).RunAsync(Noon.AddHours(-1), Noon.AddHours(1), "Once more.", Who("coe-lead"))).ChangedCalls);
    }

    [Fact]
    public async Task Pricing_again_needs_a_reason_a_bounded_time_and_somebody_who_may()
    {
        async Task<string> RefusedAsync(int days, string reason, string who) =>
            await RuleAsync(() => Get<RepriceCalls>().RunAsync(Noon, Noon.AddDays(days), reason, Who(who)));

        Assert.Equal("not-permitted", await RefusedAsync(1, "x", "operator"));
        Assert.Equal("reason-required", await RefusedAsync(1, " ", "coe-lead"));
        Assert.Equal("period-out-of-range", await RefusedAsync(0, "x", "coe-lead"));
        Assert.Equal("period-out-of-range", await RefusedAsync(400, "x", "coe-lead"));
    }

    private static (decimal?, string) Of(CallCost cost) => (cost.Dollars, cost.Origin);

    private static IEnumerable<PriceBook> BooksOf(params (string Version, DateOnly From, decimal Price)[] books) => books.Select(b => new PriceBook
    {
        Version = b.Version,
        EffectiveFrom = b.From,
        Source = "test",
        Models = [new ModelPrice { Name = "m", InputPerToken = b.Price, OutputPerToken = b.Price }],
    });

    private static PriceBooks Books(params (string Version, DateOnly From, decimal Price)[] books) => new(BooksOf(books));

    private RecordCalls Recording(PriceBooks books) =>
        new(Get<IDbContextFactory<CoEPortal.Governance.Persistence.GovernanceDb>>(), books, new Organisation(), Clock);

    private RepriceCalls Repricing(PriceBooks books) =>
        new(Get<IDbContextFactory<CoEPortal.Governance.Persistence.GovernanceDb>>(), books, new Organisation(), Clock);
}
