using Hnn.Model.Approximations;

namespace Hnn.Model.Packing;

/// <summary>Where what is released stands in the slots of a response: y in every slot; probabilities in order, from slot 0 on, and again at
/// every power of two that holds them.</summary>
public static class ReleasedSlots
{
    /// <summary>Reads the first of them.</summary>
    /// <param name="slot">The value of a slot.</param>
    /// <param name="classCount">n ≥ 2.</param>
    /// <param name="release">What was released.</param>
    public static ReleasedValue Read(Func<int, double> slot, int classCount, Release release)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return release == Release.Probabilities
            ? new([.. Enumerable.Range(0, classCount).Select(slot)])
            : new(slot(0), classCount);
    }
}
