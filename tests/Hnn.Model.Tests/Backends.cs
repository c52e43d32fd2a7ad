using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Hnn.Model.Tests;

/// <summary>The backend of every encrypted test, shared; it is thread-safe and is never disposed of.</summary>
internal static class Backends
{
    public static RingBackend Shared { get; } = new SimdBackend();
}
