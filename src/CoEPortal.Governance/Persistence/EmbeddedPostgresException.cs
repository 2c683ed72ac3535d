namespace CoEPortal.Governance.Persistence;

/// <summary>The private database cannot be provided; the message says what to do about it.</summary>
public sealed class EmbeddedPostgresException(string message, Exception? cause = null) : Exception(message, cause);
