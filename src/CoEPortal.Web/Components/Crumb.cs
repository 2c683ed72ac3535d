namespace CoEPortal.Web.Components;

/// <summary>A step of the breadcrumb.</summary>
public sealed record Crumb(string Text, string Href);
