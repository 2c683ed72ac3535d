namespace CoEPortal.Web.Components;

/// <summary>Something that happened: what, when, who, and perhaps one line more, or a file.</summary>
public sealed record TimelineEntry(string Icon, Tone Tone, string Title, DateTimeOffset At, string Who, string? Note = null, string? Href = null, TimelineFile? File = null);

/// <param name="Title">What a link to it says.</param>
public sealed record TimelineFile(string Href, string Title);
