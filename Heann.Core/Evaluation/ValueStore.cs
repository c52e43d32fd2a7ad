using Heann.Core.Ciphertexts;

namespace Heann.Core.Evaluation;

/// <summary>Where values of a circuit wait that no operation needs for a while: in memory, in a file, or on paper for a recorder. A circuit
/// larger than memory is written against this.</summary>
/// <remarks>
/// <para>A value is put in and known by a number from then on; it comes back as it was: residues, level, scale, noise, parts and key. What
/// is borrowed is to be read alone, and given back by <see cref="Return"/>; what is taken out is the caller's. Exact: it costs neither
/// level nor noise, needs no key and counts as no operation.</para>
/// <para>Disposing gives back whatever still waits. Not thread-safe.</para>
/// </remarks>
/// <typeparam name="T">The kind of value.</typeparam>
public abstract class ValueStore<T> : IDisposable
    where T : class, ICircuitValue
{
    /// <summary>Whether values wait in memory as they are, so that borrowing one costs nothing.</summary>
    public abstract bool KeepsInMemory { get; }

    /// <summary>Puts a value in.</summary>
    /// <param name="value">Taken over, unless this throws.</param>
    /// <returns>The number it is known by, free again when it was taken out or removed.</returns>
    public abstract int Put(T value);

    /// <summary>Values for reading, in the order of their numbers. To be given back by <see cref="Return"/>, each as often as it was
    /// borrowed, before it is taken out or removed.</summary>
    /// <exception cref="ArgumentException">A number stands for nothing.</exception>
    public abstract T[] Borrow(params ReadOnlySpan<int> numbers);

    /// <summary>Gives back what was borrowed.</summary>
    public virtual void Return(params ReadOnlySpan<T> values)
    {
        // What was borrowed is a copy, but where a store says otherwise.
        foreach (T value in values)
        {
            value.Dispose();
        }
    }

    /// <summary>A value, now the caller's.</summary>
    /// <exception cref="ArgumentException">The number stands for nothing.</exception>
    public virtual T Take(int number)
    {
        T value = Borrow(number)[0];
        Remove(number);
        return value;
    }

    /// <summary>Gives a value's room back.</summary>
    /// <exception cref="ArgumentException">The number stands for nothing.</exception>
    public abstract void Remove(int number);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(isDisposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives back whatever still waits.</summary>
    protected abstract void Dispose(bool isDisposing);
}
