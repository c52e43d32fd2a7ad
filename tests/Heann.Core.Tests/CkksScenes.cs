using System.Collections.Concurrent;
using Heann.Core.Tests;

[assembly: AssemblyFixture(typeof(CkksScenes))]

namespace Heann.Core.Tests;

/// <summary>Contexts with keys, made once for all tests of the assembly.</summary>
public sealed class CkksScenes : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<CkksScene>> _scenes = new();

    /// <summary>The scene of a parameter set of the <see cref="Registry"/>.</summary>
    public CkksScene this[string name] => _scenes.GetOrAdd(name, static n => new(() => new(n))).Value;

    public void Dispose()
    {
        foreach (Lazy<CkksScene> scene in _scenes.Values)
        {
            scene.Value.Dispose();
        }
    }
}
