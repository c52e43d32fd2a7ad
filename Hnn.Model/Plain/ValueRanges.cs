using System.Numerics.Tensors;

namespace Hnn.Model.Plain;

/// <summary>The largest absolute value of each quantity that a network computes, over any number of evaluations.</summary>
/// <remarks>What polynomial approximations and the head-room of a ciphertext depend on. Not thread-safe: keep one for each thread and
/// join them.</remarks>
public sealed class ValueRanges
{
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);
    private readonly List<ValueRange> _ranges = [];

    /// <summary>The quantities in the order in which they were first seen.</summary>
    public IReadOnlyList<ValueRange> Items => _ranges;

    /// <summary>The quantity with the largest value, NaN before all others; null while there is none.</summary>
    public ValueRange? Largest => _ranges.Find(r => double.IsNaN(r.LargestMagnitude)) ?? _ranges.MaxBy(r => r.LargestMagnitude);

    /// <summary>Takes values of a quantity into account.</summary>
    /// <param name="name">The quantity.</param>
    /// <param name="values">Any number; NaN is kept.</param>
    public void Include(string name, ReadOnlySpan<double> values)
    {
        if (!values.IsEmpty)
        {
            Include(name, Math.Abs(TensorPrimitives.MaxMagnitude(values)));
        }
    }

    /// <summary>Takes what another has seen into account.</summary>
    /// <param name="other">Unchanged.</param>
    public void Include(ValueRanges other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (ValueRange range in other._ranges.ToArray())
        {
            Include(range.Name, range.LargestMagnitude);
        }
    }

    private void Include(string name, double magnitude)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (_indices.TryAdd(name, _ranges.Count))
        {
            _ranges.Add(new(name, magnitude));
            return;
        }

        int index = _indices[name];
        _ranges[index] = new(name, Math.Max(_ranges[index].LargestMagnitude, magnitude));
    }
}
