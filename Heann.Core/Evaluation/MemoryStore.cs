using Heann.Core.Ciphertexts;

namespace Heann.Core.Evaluation;

/// <summary>Values wait in memory as they are; what is borrowed is the value itself.</summary>
/// <remarks>For ciphertexts, their clear twin and records alike. Not thread-safe.</remarks>
/// <typeparam name="T">The kind of value.</typeparam>
public sealed class MemoryStore<T> : ValueStore<T>
    where T : class, ICircuitValue
{
    private readonly NumberedEntries<T> _values = new();

    /// <inheritdoc/>
    public override bool KeepsInMemory => true;

    /// <inheritdoc/>
    public override int Put(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _values.Add(value);
    }

    /// <inheritdoc/>
    public override T[] Borrow(params ReadOnlySpan<int> numbers)
    {
        T[] values = new T[numbers.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _values[numbers[i]];
        }

        return values;
    }

    /// <inheritdoc/>
    public override void Return(params ReadOnlySpan<T> values)
    {
        // They never left.
    }

    /// <inheritdoc/>
    public override T Take(int number) => _values.Remove(number);

    /// <inheritdoc/>
    public override void Remove(int number) => _values.Remove(number).Dispose();

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing)
    {
        if (isDisposing)
        {
            foreach (T value in _values.All)
            {
                value.Dispose();
            }

            _values.Clear();
        }
    }
}
