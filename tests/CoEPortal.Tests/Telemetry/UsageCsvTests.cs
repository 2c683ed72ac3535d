using CoEPortal.Governance.KillCriteria;
using CoEPortal.Governance.Telemetry;

namespace CoEPortal.Tests.Telemetry;

public sealed class UsageCsvTests
{
    [Theory]
    [InlineData("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\tx", "'\tx")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("gpt-4o", "gpt-4o")]
    public void A_name_from_outside_is_a_text_for_a_spreadsheet_and_never_a_formula(string name, string field)
    {
        var row = UsageCsv.Of("model", [new UsageSum(name, 1, 0, 0, 0, 0, 10, 5, 0, 0.5m, new LatencyHistogram([]))]).Split("\r\n", 2)[1];

        Assert.Equal($"{field},1,0,0,0,0,10,5,0,0.5,,,\r\n", row);
    }
}
