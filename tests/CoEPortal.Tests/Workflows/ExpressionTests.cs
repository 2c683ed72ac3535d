using System.Text.Json;
using CoEPortal.Workflows;
using FsCheck;
using FsCheck.Fluent;

namespace CoEPortal.Tests.Workflows;

/// <summary>Expressions are tested where they run: in a SetVariable of a one-step workflow.</summary>
public sealed class ExpressionTests
{
    [Theory]
    [InlineData("1 + 2 * 0", null)]
    [InlineData("1 + 2 - 4", "-1")]
    [InlineData("'a' + 1 + true + null", "\"a1truenull\"")]
    [InlineData("1 + 2 + 'a'", "\"3a\"")]
    [InlineData("0.1 + 0.2", "0.30000000000000004")]
    [InlineData("'' + 1e21", "\"1e+21\"")]
    [InlineData("'' + 123456789012345680000", "\"123456789012345680000\"")]
    [InlineData("'' + 1e-7", "\"1e-7\"")]
    [InlineData("'' + 0.000001", "\"0.000001\"")]
    [InlineData("'' + -12.5", "\"-12.5\"")]
    [InlineData("null < 1", "true")]
    [InlineData("undefined < 1", "false")]
    [InlineData("undefined === null", "false")]
    [InlineData("'10' < '9'", "true")]
    [InlineData("'10' < 9", "false")]
    [InlineData("'x' < 1", "false")]
    [InlineData("0 || 'zero'", "\"zero\"")]
    [InlineData("'' && nothing", null)]
    [InlineData("getText().length", "3")]
    [InlineData("getData().list[1]", "\"two\"")]
    [InlineData("getData()['list'].length", "2")]
    [InlineData("getData().missing", "null")]
    [InlineData("variables.text", "\"abc\"")]
    [InlineData("getText()", "\"abc\"")]
    [InlineData("({ 'a': 1, b: [getText(), undefined], c: undefined })", """{"a":1,"b":["abc",null]}""")]
    [InlineData("return !getData() ? 1 : 2;", "2")]
    [InlineData("getInput(\"missing\")", "null")]
    [InlineData("'\\u00e9\\n'", "\"\\u00E9\\n\"")]
    public void The_subset_means_what_ECMAScript_says(string expression, string? expected)
    {
        var (value, incident) = Evaluate(expression);

        if (expected is null)
        {
            Assert.NotNull(incident);
        }
        else
        {
            Assert.Null(incident);
            Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), value), $"{expression} gave {value.GetRawText()}");
        }
    }

    [Theory]
    [InlineData("getText() == 'abc'")]
    [InlineData("getText().constructor('alert(1)')()")]
    [InlineData("getText() = 1")]
    [InlineData("while (true) {}")]
    [InlineData("(() => 1)()")]
    [InlineData("new Date()")]
    [InlineData("eval('1')")]
    [InlineData("`abc`")]
    [InlineData("/a/")]
    [InlineData("this")]
    [InlineData("getText(); getText()")]
    [InlineData("getInput(getText())")]
    [InlineData("{ a: 1 }")]
    [InlineData("'abc")]
    [InlineData("'\\x41'")]
    [InlineData("012")]
    [InlineData("1 +")]
    [InlineData("")]
    [InlineData("getData() + 1")]
    [InlineData("getNothing()")]
    [InlineData("getText().a.b")]
    [InlineData("1e308 + 1e308")]
    public void Anything_else_becomes_an_incident_and_nothing_is_run(string expression) =>
        Assert.NotNull(Evaluate(expression).Incident);

    [Fact]
    public void Hostile_sizes_are_refused_without_exhausting_the_stack()
    {
        Assert.NotNull(Evaluate(new string('(', 2_000) + "1" + new string(')', 2_000)).Incident);
        Assert.NotNull(Evaluate(new string('!', 4_000) + "1").Incident);
        Assert.NotNull(Evaluate(new string('[', 2_000)).Incident);
        Assert.NotNull(Evaluate("1" + string.Concat(Enumerable.Repeat("+1", 2_000))).Incident);
        Assert.NotNull(Evaluate(new string(' ', 5_000) + "1").Incident);
    }

    [Fact]
    public void No_source_text_makes_the_interpreter_throw()
    {
        var fragments = Gen.Elements(
            "getText()", "getData()", ".list", "[0]", "(", ")", "{", "}", "'a'", "1", "===", "&&", "||", "!", "?", ":", "+", "-", ",", "return ", ";", "\\", "\"", "\u0001", "é", "variables.", "getInput(\"x\")");

        Prop.ForAll(Arb.From(fragments.ListOf(12)), parts => Evaluate(string.Concat(parts)) is var _).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("Int32", "12", "12")]
    [InlineData("Int32", "2.5", "2")]
    [InlineData("Int32", "3000000000", null)]
    [InlineData("Int32", "many", null)]
    [InlineData("Boolean", "True", "true")]
    [InlineData("Boolean", "yes", null)]
    [InlineData("Decimal", "1.25", "1.25")]
    [InlineData("String", "1.25", "\"1.25\"")]
    public void Setting_a_variable_converts_to_its_type_or_fails(string typeName, string text, string? expected)
    {
        var (value, incident) = Evaluate(JsonSerializer.Serialize(text), typeName);

        Assert.Equal(expected is null, incident is not null);
        Assert.Equal(expected ?? "null", value.GetRawText());
    }

    private static (JsonElement Value, string? Incident) Evaluate(string javaScript, string typeName = "Object")
    {
        var definition = DefinitionJson.Read(
            $$"""
            {
              "definitionId": "expression",
              "variables": [
                { "id": "result", "name": "result", "typeName": "{{typeName}}" },
                { "id": "text", "name": "text", "typeName": "String", "value": "abc" },
                { "id": "data", "name": "data", "typeName": "Object", "value": { "list": [1, "two"] } }
              ],
              "root": {
                "type": "Elsa.Flowchart",
                "activities": [
                  {
                    "id": "set", "type": "Elsa.SetVariable", "variable": { "id": "result" },
                    "value": { "typeName": "Object", "expression": { "type": "JavaScript", "value": {{JsonSerializer.Serialize(javaScript)}} } }
                  }
                ]
              }
            }
            """,
            "expression.json");
        var transition = Interpreter.Start(definition, new Dictionary<string, JsonElement>());

        return (transition.State.Variables["result"], transition.Effects.OfType<Effect.IncidentRaised>().SingleOrDefault()?.Message);
    }
}
