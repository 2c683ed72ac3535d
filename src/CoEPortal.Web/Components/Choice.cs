namespace CoEPortal.Web.Components;

/// <summary>One of a few answers, with a line that says what it means.</summary>
public sealed record Choice<TValue>(TValue Value, string Title, string? Help = null);
