using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Core.Tests.Backends;

/// <summary>The reference backend, against the naive twins of the contract.</summary>
public sealed class ScalarBackendTests : RingBackendContract
{
    protected override RingBackend CreateBackend() => new ScalarBackend();
}
