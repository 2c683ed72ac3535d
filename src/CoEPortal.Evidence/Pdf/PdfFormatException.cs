namespace CoEPortal.Evidence.Pdf;

/// <summary>The PDF is malformed, or made in a way this reader refuses to interpret. The message says which.</summary>
public sealed class PdfFormatException(string message, Exception? cause = null) : Exception(message, cause);
