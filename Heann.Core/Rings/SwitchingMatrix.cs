using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <summary>The polynomials of a key-switching key as its backend likes to read them: rows b and a, a column for each digit.</summary>
/// <remarks>
/// Residues modulo q_0 … q_ℓ and the special primes, Evaluation form; written once entry by entry, then only read. Owns its storage.
/// Thread-safe for reading.
/// </remarks>
public abstract class SwitchingMatrix : IDisposable
{
    /// <summary>Rows: b, which multiplies into the first part of a ciphertext, and a.</summary>
    public const int RowCount = 2;

    // Below it, q/2 + 2, the largest value that a backend may store, is a 32-bit integer.
    private const ulong NarrowLimit = (1UL << 32) - 8;

    /// <summary>Describes a matrix.</summary>
    protected SwitchingMatrix(RnsBasis kept, RnsBasis special, int digitCount)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(special);
        ArgumentOutOfRangeException.ThrowIfLessThan(digitCount, 1);
        Kept = kept;
        Special = special;
        Basis = kept.Concat(special);
        DigitCount = digitCount;
    }

    /// <summary>q_0 … q_ℓ.</summary>
    public RnsBasis Kept { get; }

    /// <summary>The special primes.</summary>
    public RnsBasis Special { get; }

    /// <summary>q_0 … q_ℓ and the special primes: the limbs of an entry.</summary>
    public RnsBasis Basis { get; }

    /// <summary>dnum, the number of columns.</summary>
    public int DigitCount { get; }

    /// <summary>Bytes of the residues as they are held.</summary>
    public abstract long ByteCount { get; }

    /// <summary>Bytes of a residue where keys are held as tightly as their primes allow: 4 below 2^32, otherwise 8.</summary>
    public static int BytesPerValue(Modulus q)
    {
        ArgumentNullException.ThrowIfNull(q);
        return q.Value < NarrowLimit ? sizeof(int) : sizeof(double);
    }

    /// <summary>Sets an entry.</summary>
    /// <param name="row">0 for b, 1 for a.</param>
    /// <param name="digit">The column.</param>
    /// <param name="source">All limbs of <see cref="Basis"/>, Evaluation form.</param>
    public void Write(int row, int digit, LimbBlock source)
    {
        RequireEntry(row, digit);
        RingBackend.RequireBasis([source], Basis);
        WriteCore(row, digit, source);
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="row">0 for b, 1 for a.</param>
    /// <param name="digit">The column.</param>
    /// <param name="destination">All limbs of <see cref="Basis"/>.</param>
    public void Read(int row, int digit, LimbBlock destination)
    {
        RequireEntry(row, digit);
        RingBackend.RequireBasis([destination], Basis);
        ReadCore(row, digit, destination);
    }

    /// <summary>Gives the storage back.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Write"/>
    protected abstract void WriteCore(int row, int digit, LimbBlock source);

    /// <inheritdoc cref="Read"/>
    protected abstract void ReadCore(int row, int digit, LimbBlock destination);

    /// <summary>Gives the storage back.</summary>
    protected abstract void Dispose(bool isDisposing);

    private void RequireEntry(int row, int digit)
    {
        if (row is < 0 or >= RowCount || digit < 0 || digit >= DigitCount)
        {
            throw new ArgumentOutOfRangeException(nameof(digit), $"Entry ({row}, {digit}) is not in a matrix of {RowCount} rows and {DigitCount} digits.");
        }
    }
}
