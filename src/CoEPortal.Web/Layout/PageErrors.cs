using CoEPortal.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Components.Web;

namespace CoEPortal.Web.Layout;

/// <summary>Catches what a page did not expect: the shell stays, the person gets a reference, the log gets the rest.</summary>
public sealed class PageErrors(ILogger<PageErrors> log) : ErrorBoundary
{
    private Failure? _failure;

    protected override Task OnErrorAsync(Exception exception)
    {
        _failure = Failure.Of(exception, log);
        return Task.CompletedTask;
    }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        if (CurrentException is null)
        {
            builder.AddContent(0, ChildContent);
            return;
        }

        builder.OpenComponent<PageFailure>(1);
        builder.AddComponentParameter(2, nameof(PageFailure.Failure), _failure);
        builder.AddComponentParameter(3, nameof(PageFailure.Again), EventCallback.Factory.Create(this, Recover));
        builder.CloseComponent();
    }
}
