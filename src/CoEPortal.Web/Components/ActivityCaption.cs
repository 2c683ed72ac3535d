namespace CoEPortal.Web.Components;

/// <summary>Who holds an activity since when, or who decided it.</summary>
/// <param name="Brief">Below the node of the drawing: "Ines Moreau, Mon 09:12".</param>
/// <param name="Full">In the list of steps, with what was decided.</param>
public sealed record ActivityCaption(string Brief, string Full);
