using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CoEPortal.Tests.Workflows;
using CoEPortal.Web.Components;
using CoEPortal.Workflows;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoEPortal.Tests.Web;

public sealed partial class WorkflowDrawingTests
{
    public static TheoryData<string> Shipped => Lane.Shipped;

    [Theory]
    [MemberData(nameof(Shipped))]
    public async Task A_lane_is_drawn_and_told_with_every_node_and_every_step(string name)
    {
        var definition = Lane.Load(name);

        var html = await DrawAsync(definition);

        var read = WebUtility.HtmlDecode(html);
        Assert.All(Diagram.Of(definition).Nodes, node => Assert.Contains($"<title>{node.Title}", read, StringComparison.Ordinal));
        Assert.All(Steps.Of(definition), step => Assert.Contains($">{step.Does}<", read, StringComparison.Ordinal));
        Assert.Contains("role=\"img\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Each_state_differs_by_sign_and_word_and_not_only_by_colour()
    {
        var lane = new Lane("full").Answer("Risk", "veto");
        var definition = Lane.Load("full");

        var html = await DrawAsync(definition, InstanceView.Of(definition, lane.State));

        foreach (var progress in new[] { ActivityProgress.Done, ActivityProgress.Withdrawn, ActivityProgress.NotReached })
        {
            Assert.Contains($"mark {DiagramWords.Css(progress)}", html, StringComparison.Ordinal);
            Assert.Contains(DiagramWords.Of(progress).Word, html, StringComparison.Ordinal);
        }

        Assert.Equal(5, Enum.GetValues<ActivityProgress>().Select(p => DiagramWords.Of(p).Word).Distinct().Count());
    }

    [Fact]
    public void Whoever_cannot_see_the_drawing_is_told_who_holds_what_and_how_it_ended()
    {
        var definition = Lane.Load("standard");
        var running = new Lane("standard").Answer("Security", "approve");
        var held = new Dictionary<string, ActivityCaption>
        {
            [running.State.Bookmarks[0].ActivityId] = new("Ines Moreau, Mon 09:12", "Held by Ines Moreau since Mon 09:12"),
        };

        string Told(WorkflowState state) => DiagramWords.Conclusion(definition, Diagram.Of(definition), InstanceView.Of(definition, state), held);

        Assert.Contains("(Held by Ines Moreau since Mon 09:12)", Told(running.State), StringComparison.Ordinal);
        Assert.Contains("Ended vetoed", Told(running.Answer("Legal", "veto").State), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lengths_are_written_for_SVG_whatever_the_language_of_the_server()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.DoesNotMatch(DecimalComma(), await DrawAsync(Lane.Load("full")));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    internal static async Task<string> RenderAsync<TComponent>(IServiceProvider services, Dictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(
            async () => (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }

    private static async Task<string> DrawAsync(WorkflowDefinition definition, InstanceView? view = null)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        return await RenderAsync<WorkflowDiagram>(services, new() { [nameof(WorkflowDiagram.Definition)] = definition, [nameof(WorkflowDiagram.View)] = view });
    }

    [GeneratedRegex("""(?:x|y|cx|cy|r|width|height|d|viewBox|transform)="[^"]*\d,\d""")]
    private static partial Regex DecimalComma();
}
