using Heann.Core.Ciphertexts;
using Heann.Core.Evaluation;
using Hnn.Model.Packing;

namespace Hnn.Model.Layers;

/// <summary>Some columns of a batch, each shifted by 0, 1, …, n − 1 times a number of tokens; the rotations of a column share its
/// decomposition.</summary>
/// <remarks>Owns the rotations; the columns themselves, which stand for the shift by 0, stay the caller's. Not thread-safe.</remarks>
internal sealed class RotatedColumns<T> : IDisposable
    where T : class, ICircuitValue
{
    private readonly T[][] _byColumn; // (columns, shifts)
    private readonly T[] _byShift; // (shifts, columns)
    private readonly List<T> _owned = [];

    /// <summary>Rotates.</summary>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="columns">Two parts each.</param>
    /// <param name="layout">Which rotation is a shift.</param>
    /// <param name="count">n.</param>
    /// <param name="step">Tokens between two shifts; may be negative.</param>
    public RotatedColumns(CircuitEvaluator<T> evaluator, ReadOnlySpan<T> columns, BatchLayout layout, int count, int step)
    {
        _byColumn = new T[columns.Length][];
        _byShift = new T[count * columns.Length];
        int[] rotations = [.. Enumerable.Range(1, count - 1).Select(i => layout.Rotation(i * step))];
        try
        {
            for (int c = 0; c < columns.Length; c++)
            {
                T[] rotated = count == 1 ? [] : evaluator.RotateMany(columns[c], rotations);
                _owned.AddRange(rotated);
                _byColumn[c] = [columns[c], .. rotated];
            }

            for (int i = 0; i < _byShift.Length; i++)
            {
                _byShift[i] = _byColumn[i % columns.Length][i / columns.Length];
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>All columns at every shift, shift after shift.</summary>
    public ReadOnlySpan<T> All => _byShift;

    /// <summary>All columns at shift i.</summary>
    public ReadOnlySpan<T> At(int shift) => _byShift.AsSpan(shift * _byColumn.Length, _byColumn.Length);

    /// <summary>A column at all shifts.</summary>
    public ReadOnlySpan<T> OfColumn(int column) => _byColumn[column];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (T rotated in _owned)
        {
            rotated.Dispose();
        }

        _owned.Clear();
    }
}
