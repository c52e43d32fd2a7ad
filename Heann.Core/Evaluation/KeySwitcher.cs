using System.Collections.Concurrent;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>The plans of hybrid key switches, one for each pair of key layout and level. Thread-safe.</summary>
internal sealed class KeySwitcher(CkksParameters parameters)
{
    private readonly ConcurrentDictionary<(int KeyLevel, int Level), KeySwitchPlan> _plans = new();

    /// <summary>The constants for a ciphertext of level ℓ and a key of this layout.</summary>
    /// <remarks>A layout follows from its level.</remarks>
    public KeySwitchPlan PlanFor(KeySwitchLayout layout, int level) =>
        _plans.TryGetValue((layout.Level, level), out KeySwitchPlan? plan)
            ? plan
            : _plans.GetOrAdd(
                (layout.Level, level),
                static (key, from) => new(from.Parameters.BasisAt(key.Level), from.Layout.BasisP, from.Layout.DigitsAt(key.Level)),
                (Parameters: parameters, Layout: layout));
}
