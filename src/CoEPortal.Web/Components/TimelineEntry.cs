namespace CoEPortal.Web.Components;

/// <summary>Something that happened: what, when, who, and perhaps one line more.</summary>
public sealed record TimelineEntry(string Icon, Tone Tone, string Title, DateTimeOffset At, string Who, string? Note = null, string? Href = null);
