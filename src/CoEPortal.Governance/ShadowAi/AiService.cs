namespace CoEPortal.Governance.ShadowAi;

/// <summary>What people use a service for.</summary>
public enum ServiceKind { Assistant, Writing, Translation, Transcription, Code, Image, Video, Voice, Presentation, Search, Agent, ModelApi, Companion }

/// <summary>What the terms of a service say, and where and when somebody read it.</summary>
public sealed record ServiceFact
{
    public string Text { get; init; } = "";

    public string Source { get; init; } = "";

    public DateOnly CheckedOn { get; init; }

    /// <summary>Whether, by these terms, somebody's entries may train the vendor's models.</summary>
    public bool Trains { get; init; }
}

/// <summary>An AI service that people reach by themselves, known by its domains; the same one only within its catalogue.</summary>
public sealed class AiService
{
    /// <summary>Small letters, digits and dashes; never reused.</summary>
    public string Id { get; init; } = "";

    public string Name { get; init; } = "";

    public string Vendor { get; init; } = "";

    public ServiceKind Kind { get; init; }

    /// <summary>A domain stands for all below it; the most specific wins.</summary>
    public List<string> Domains { get; init; } = [];

    /// <summary>Empty as long as nobody has read the terms: nothing is said then.</summary>
    public List<ServiceFact> Facts { get; init; } = [];
}
