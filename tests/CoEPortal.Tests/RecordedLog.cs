using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CoEPortal.Tests;

/// <summary>Everything the running portal logs from Information on, for tests of what must not stand there.</summary>
public sealed class RecordedLog : ILoggerProvider
{
    private const int Most = 50_000;

    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Recorder(_lines);

    public void Dispose()
    {
    }

    private sealed class Recorder(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lines.Enqueue($"{formatter(state, exception)} {exception}");
            while (lines.Count > Most)
            {
                lines.TryDequeue(out _);
            }
        }
    }
}
