using CoEPortal.Governance.Intake;
using CoEPortal.Governance.Portfolio;
using CoEPortal.Tests.Persistence;

namespace CoEPortal.Tests.Portfolio;

public sealed class LikelyDuplicatesTests(TestPostgres postgres) : GovernanceTest(postgres)
{
    [Fact]
    public async Task What_is_spelled_or_said_alike_is_found_and_what_is_not_is_left_out()
    {
        await GivenAsync("submitter", "Claims call summaries", "Handlers listen to recorded calls again before they settle a claim.");
        await GivenAsync("submitter", "Visitor chatbot", "Guests ask the reception for the way.");

        Assert.Equal("UC-0001", Assert.Single((await FindAsync("submitter", "Claim calls sumaries")).Found).Key);
        var said = Assert.Single((await FindAsync("submitter", "Recordings digest", "Claim handlers have to listen to the recorded call again before settling.")).Found);
        Assert.Equal(("UC-0001", true), (said.Key, said.WordsShared >= 3));
        Assert.Empty((await FindAsync("submitter", "Forecast of heating oil prices", "Prices move daily.")).Found);
        Assert.Empty((await FindAsync("submitter", "Claims call summaries", except: "UC-0001")).Found);
    }

    [Fact]
    public async Task Of_another_unit_it_is_only_told_that_nearly_the_same_name_exists()
    {
        await GivenAsync("submitter", "Claims call summaries", "Handlers listen to recorded calls again before they settle a claim.");

        var found = await FindAsync("submitter2", "Claims call summaries");
        Assert.Equal((0, true), (found.Found.Count, found.Elsewhere));
        Assert.False((await FindAsync("submitter2", "Call claims")).Elsewhere);
        Assert.False((await FindAsync("submitter", "Claims call summaries")).Elsewhere);
        Assert.Single((await FindAsync("legal", "Claims call summaries")).Found);
    }

    [Theory]
    [InlineData("' | !x & (:*")]
    [InlineData("%%%% ____ \\ \0 '''")]
    [InlineData("\u202ea title of marks <script>")]
    public async Task Whatever_is_typed_is_only_looked_for(string typed) => Assert.Empty((await FindAsync("legal", typed, typed)).Found);

    private Task<UseCase> GivenAsync(string author, string title, string problem) =>
        Get<StartUseCase>().RunAsync(Who(author), new Proposal { Title = title, Problem = problem });

    private Task<DuplicatesFound> FindAsync(string persona, string title, string problem = "", string? except = null) =>
        Get<LikelyDuplicates>().OfAsync(title, problem, except, Who(persona));
}
