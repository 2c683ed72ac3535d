namespace CoEPortal.Web.Components;

/// <summary>What a colour says. Never alone: an icon or a word stands beside it.</summary>
public enum Tone
{
    Neutral,
    Accent,
    Good,
    Info,
    Warning,
    Bad,
}

public static class ToneNames
{
    /// <summary>The short name <c>app.css</c> knows: <c>t-ok</c> colours text, <c>tone-ok</c> a background.</summary>
    public static string Css(this Tone tone) => tone switch
    {
        Tone.Accent => "accent",
        Tone.Good => "ok",
        Tone.Info => "info",
        Tone.Warning => "warn",
        Tone.Bad => "bad",
        _ => "mute",
    };
}
