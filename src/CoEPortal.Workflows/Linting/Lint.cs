namespace CoEPortal.Workflows;

/// <summary>Placeholder.</summary>
public static class Lint
{
}
