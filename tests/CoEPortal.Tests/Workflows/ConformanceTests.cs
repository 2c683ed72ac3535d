using CoEPortal.Workflows;

namespace CoEPortal.Tests.Workflows;

public sealed class ConformanceTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases => Corpus.Cases;

    public static IEnumerable<TheoryDataRow<string>> Orders => Corpus.Orders;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_script_ends_as_observed_on_Elsa(string path)
    {
        var script = Corpus.Read(path);

        var result = Conformance.RunCase(Corpus.DefinitionOf(script), script);

        Assert.True(result.Passed, $"{result.Id}: {result.Reason}");
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Every_order_of_answers_ends_as_observed_on_Elsa(string path)
    {
        var orders = Corpus.Read(path);

        var results = Conformance.RunOrders(Corpus.DefinitionOf(orders), orders);

        Assert.NotEmpty(results);
        Assert.DoesNotContain(results, r => !r.Passed);
    }

    [Fact]
    public void A_script_that_expects_something_else_fails_and_says_where()
    {
        var script = Corpus.Read("cases/veto-two--both-approve.json");
        var wrong = script.Replace("\"Outcome\":\"approved\"", "\"Outcome\":\"rejected\"", StringComparison.Ordinal);

        var result = Conformance.RunCase(Corpus.DefinitionOf(script), wrong);

        Assert.False(result.Passed);
        Assert.Contains("variables", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_definition_that_cannot_be_read_fails_its_script()
    {
        var result = Conformance.RunCase("{}", Corpus.Read("cases/veto-two--both-approve.json"));

        Assert.False(result.Passed);
    }
}
