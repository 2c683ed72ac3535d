namespace CoEPortal.Enforcement.Otlp;

/// <summary>
/// The whole request is refused. <see cref="StatusCode"/> is the HTTP status to answer with: 400 for what cannot be
/// read, 413 for what is too large, 415 for a type or encoding we do not speak. None of them is retryable
/// (OTLP/HTTP specification, "Failures"), so a sender drops the batch instead of sending it for ever.
/// The message is safe to send back: it never quotes the body.
/// </summary>
public class OtlpRefusalException(int statusCode, string message, Exception? cause = null) : Exception(message, cause)
{
    public int StatusCode { get; } = statusCode;
}

/// <summary>The body is not what its media type promises, or exceeds a bound of <see cref="OtlpLimits"/>.</summary>
public sealed class OtlpFormatException(string message, Exception? cause = null)
    : OtlpRefusalException(400, message, cause);
