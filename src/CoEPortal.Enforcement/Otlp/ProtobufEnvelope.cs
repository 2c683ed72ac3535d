namespace CoEPortal.Enforcement.Otlp;

/// <summary>One span, metric or log record of a request, as bytes, with the resource and scope it belongs to.</summary>
internal delegate void ProtobufItem(ReadOnlySpan<byte> item, OtlpAttributes resource, OtlpScope scope);

/// <summary>
/// What ExportTrace-, ExportMetrics- and ExportLogsServiceRequest share, down to the field numbers: resources, in them
/// scopes, in them items (opentelemetry-proto 1.x, collector/*/v1 and resource/v1/resource.proto).
/// </summary>
internal static class ProtobufEnvelope
{
    /// <param name="body">The request.</param>
    /// <param name="identified">Whether resources keep a digest of all their attributes, as metric series need.</param>
    /// <param name="read">Takes the items in wire order.</param>
    /// <exception cref="OtlpFormatException">Malformed, or beyond a bound of <see cref="OtlpLimits"/>.</exception>
    public static void Read(ReadOnlySpan<byte> body, bool identified, ProtobufItem read)
    {
        var request = new ProtobufReader(body);
        while (request.Next())
        {
            if (request.Field == 1)
            {
                ReadResourceLevel(request.Bytes(), new OtlpAttributes(identified), read);
            }
        }
    }

    private static void ReadResourceLevel(ReadOnlySpan<byte> message, OtlpAttributes resource, ProtobufItem read)
    {
        // The resource may follow its items on the wire: they share the object, which is filled when it comes.
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    ReadResource(fields.Bytes(), resource);
                    break;
                case 2:
                    ReadScopeLevel(fields.Bytes(), resource, read);
                    break;
            }
        }
    }

    private static void ReadResource(ReadOnlySpan<byte> message, OtlpAttributes attributes)
    {
        var seen = 0;
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                OtlpBounds.CountAttribute(ref seen);
                ProtobufAttributes.Read(fields.Bytes(), attributes);
            }
        }
    }

    private static void ReadScopeLevel(ReadOnlySpan<byte> message, OtlpAttributes resource, ProtobufItem read)
    {
        var scope = new OtlpScope();
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            switch (fields.Field)
            {
                case 1:
                    ReadScope(fields.Bytes(), scope);
                    break;
                case 2:
                    read(fields.Bytes(), resource, scope);
                    break;
            }
        }
    }

    private static void ReadScope(ReadOnlySpan<byte> message, OtlpScope scope)
    {
        var fields = new ProtobufReader(message);
        while (fields.Next())
        {
            if (fields.Field == 1)
            {
                scope.Name = OtlpBounds.ShortText(fields.Bytes());
            }
        }
    }
}
