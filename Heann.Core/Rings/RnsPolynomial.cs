namespace Heann.Core.Rings;

/// <summary>Which form the residues of a polynomial are in.</summary>
public enum Domain
{
    /// <summary>Coefficients, natural order.</summary>
    Coefficient,

    /// <summary>Values at the odd powers of ψ, in the order of <see cref="NttTables"/>.</summary>
    Evaluation,
}

/// <summary>A polynomial of Z_Q[X]/(X^N + 1): a buffer, the basis of its limbs and its domain.</summary>
/// <remarks>Owns its buffer. Not thread-safe for writing.</remarks>
public sealed class RnsPolynomial : IDisposable
{
    private readonly RingBuffer _buffer;

    /// <summary>Allocates an uninitialised polynomial.</summary>
    public RnsPolynomial(RingBackend backend, RnsBasis basis, Domain domain)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(basis);
        _buffer = backend.Allocate(basis.RingDegree, basis.Count);
        Basis = basis;
        Domain = domain;
    }

    /// <summary>The primes of the limbs.</summary>
    public RnsBasis Basis { get; private set; }

    /// <summary>The form of the residues.</summary>
    public Domain Domain { get; internal set; }

    /// <summary>The backend that holds the residues.</summary>
    public RingBackend Backend => _buffer.Backend;

    /// <summary>N.</summary>
    public int RingDegree => Basis.RingDegree;

    /// <summary>Number of limbs.</summary>
    public int LimbCount => Basis.Count;

    /// <summary>Bytes of the residues, eight each.</summary>
    public long ByteCount => 8L * LimbCount * RingDegree;

    /// <summary>All limbs.</summary>
    public LimbBlock Block => new(_buffer, 0, Basis);

    /// <summary>The first limbs, those of the primes of <paramref name="basis"/>.</summary>
    public LimbBlock Prefix(RnsBasis basis) => new(_buffer, 0, basis);

    /// <summary>Limbs <paramref name="start"/> onwards, as many as the basis has primes.</summary>
    public LimbBlock Slice(int start, RnsBasis basis) => new(_buffer, start, basis);

    /// <summary>The canonical residues, limb after limb: limbs · N values.</summary>
    public ulong[] ToResidues()
    {
        ulong[] residues = new ulong[LimbCount * RingDegree];
        Backend.Download(Block, residues);
        return residues;
    }

    // Another basis and domain in the same storage, whose contents are undefined then; false where the basis does not fit.
    internal bool TryReshape(RnsBasis basis, Domain domain)
    {
        if (_buffer.RingDegree != basis.RingDegree || _buffer.LimbCount < basis.Count)
        {
            return false;
        }

        ObjectDisposedException.ThrowIf(_buffer.IsDisposed, this);
        (Basis, Domain) = (basis, domain);
        return true;
    }

    /// <summary>Whether the residues are a secret; see <see cref="RingBuffer.IsSecret"/>.</summary>
    internal bool IsSecret
    {
        get => _buffer.IsSecret;
        init => _buffer.IsSecret = value;
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
