using Heann.Core.Arithmetic;
using Heann.Core.Backends;
using Heann.Core.Rings;

namespace Heann.Bench.Rows;

/// <summary>One limb of a 50-bit prime, transformed where it lies.</summary>
internal sealed class TransformOperands : IDisposable
{
    private readonly int _logN;
    private readonly SimdBackend _backend;
    private readonly RnsPolynomial _polynomial;
    private readonly LimbBlock[] _blocks;

    public TransformOperands(int logN, int threads)
    {
        _logN = logN;
        _backend = new(threads);
        RnsBasis basis = new(1 << logN, PrimeSearch.Descending(50, 1 << logN, 1));
        _polynomial = new(_backend, basis, Domain.Coefficient);
        Random random = new(1);
        ulong[] residues = [.. Enumerable.Range(0, 1 << logN).Select(_ => (ulong)random.NextInt64((long)basis[0].Value))];
        _backend.Upload(residues, _polynomial.Block);
        _blocks = [_polynomial.Block];
    }

    /// <summary>The row of an operation. Its input is the last output, whichever way that was transformed: uniform residues all of them.</summary>
    public MeasuredRow Row(string op) => new(op, $"N{_logN}", _logN, _backend.ThreadCount, op switch
    {
        "ntt" => () => _backend.ForwardNtt(_blocks),
        "intt" => () => _backend.InverseNtt(_blocks),
        _ => throw new ArgumentException($"There is no operation {op}."),
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _polynomial.Dispose();
        _backend.Dispose();
    }
}
