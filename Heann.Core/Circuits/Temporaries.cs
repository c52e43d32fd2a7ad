using Heann.Core.Ciphertexts;

namespace Heann.Core.Circuits;

/// <summary>The values that a circuit makes on its way: all are given back at the end, also when an operation throws; the result is
/// kept.</summary>
internal sealed class Temporaries<T> : IDisposable
    where T : class, ICircuitValue
{
    private readonly List<T> _values = [];

    /// <summary>Takes a value into care.</summary>
    public T Add(T value)
    {
        _values.Add(value);
        return value;
    }

    /// <summary>Takes a value out of care: it is the result.</summary>
    public T Keep(T value)
    {
        _values.Remove(value);
        return value;
    }

    /// <summary>Gives a value back before the end.</summary>
    public void Release(T value)
    {
        _values.Remove(value);
        value.Dispose();
    }

    public void Dispose()
    {
        foreach (T value in _values)
        {
            value.Dispose();
        }

        _values.Clear();
    }
}
