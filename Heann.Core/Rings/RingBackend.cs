namespace Heann.Core.Rings;

/// <summary>★ The seam: batched limb arithmetic over opaque buffers. Everything above it is written once for every processor.</summary>
/// <remarks>
/// <para>A method takes lists of blocks, so that many polynomials cross the seam in one call; the blocks of a list have the same primes
/// unless a method says otherwise. Results are exact: on the same inputs every backend holds the same residues, to the bit, and
/// <c>ScalarBackend</c> is the definition of them. Lazy ranges stay inside a kernel.</para>
/// <para>The destination comes last and may be the same block as an operand, except where a method says that it must not be.
/// Calls take effect in the order in which they are made but may complete later; only <see cref="Download"/> waits.</para>
/// <para>A <b>compact</b> operand y has a smaller ring degree M | N: it stands for a polynomial in X^(N/M), whose transform is constant on
/// runs of N/M values, so only M are stored (<see cref="RnsBasis.Subring"/>). M = 1 is a constant.</para>
/// <para>Thread-safe, as long as no buffer is written by one call and used by another at the same time.</para>
/// </remarks>
public abstract partial class RingBackend : IDisposable
{
    /// <summary>Creates a backend.</summary>
    protected RingBackend() => Scratch = new(this);

    /// <summary>Name for people: the processor, the instruction set, the number of threads.</summary>
    public abstract string Name { get; }

    /// <summary>Threads of the processor that one call, or what is done beside calls, may use, the caller's among them.</summary>
    public virtual int ThreadCount => 1;

    /// <summary>Buffers for intermediate results.</summary>
    internal ScratchPool Scratch { get; }

    /// <summary>Allocates an uninitialised buffer.</summary>
    public abstract RingBuffer Allocate(int ringDegree, int limbCount);

    /// <summary>Writes canonical residues, limb after limb.</summary>
    /// <param name="residues">limbs · N values; limb i in [0, q_i).</param>
    /// <param name="destination">Where to.</param>
    /// <exception cref="ArgumentException">The count is wrong, or a value is not below its prime.</exception>
    public void Upload(ReadOnlySpan<ulong> residues, LimbBlock destination)
    {
        RequireBlock(destination);
        RequireLength(residues.Length, destination);
        for (int limb = 0; limb < destination.LimbCount; limb++)
        {
            ulong q = destination.Basis[limb].Value;
            foreach (ulong residue in residues.Slice(limb * destination.RingDegree, destination.RingDegree))
            {
                if (residue >= q)
                {
                    throw new ArgumentException($"Residue {residue} of limb {limb} is not below its prime {q}.", nameof(residues));
                }
            }
        }

        UploadCore(residues, destination);
    }

    /// <summary>Writes the residues of N integers, each reduced modulo every prime.</summary>
    /// <param name="coefficients">N integer-valued doubles of any size.</param>
    /// <param name="destination">Where to; Coefficient form.</param>
    public void UploadIntegers(ReadOnlySpan<double> coefficients, LimbBlock destination)
    {
        RequireBlock(destination);
        if (coefficients.Length != destination.RingDegree)
        {
            throw new ArgumentException($"{coefficients.Length} coefficients do not fill a polynomial of degree {destination.RingDegree}.", nameof(coefficients));
        }

        UploadIntegersCore(coefficients, destination);
    }

    /// <summary>Reads canonical residues, limb after limb, and waits for them.</summary>
    public void Download(LimbBlock source, Span<ulong> residues)
    {
        RequireBlock(source);
        RequireLength(residues.Length, source);
        DownloadCore(source, residues);
    }

    /// <summary>destination ← source.</summary>
    public void Copy(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination)
    {
        RequireSame(source, destination);
        CopyCore(source, destination);
    }

    /// <summary>destination ← 0.</summary>
    public abstract void Clear(ReadOnlySpan<LimbBlock> destination);

    /// <summary>destination ← x + y mod q; y may be compact.</summary>
    public void Add(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireOperands(x, y, destination);
        AddCore(x, y, destination);
    }

    /// <summary>destination ← x − y mod q; y may be compact.</summary>
    public void Subtract(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireOperands(x, y, destination);
        SubtractCore(x, y, destination);
    }

    /// <summary>destination ← −x mod q.</summary>
    public void Negate(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        RequireSame(x, destination);
        NegateCore(x, destination);
    }

    /// <summary>destination ← x · y mod q, value by value (Evaluation form); y may be compact.</summary>
    public void Multiply(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireOperands(x, y, destination);
        MultiplyCore(x, y, destination);
    }

    /// <summary>destination ← destination + x · y mod q, value by value; y may be compact.</summary>
    public void MultiplyAdd(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireOperands(x, y, destination);
        MultiplyAddCore(x, y, destination);
    }

    /// <summary>destination ← s · x mod q, with one canonical scalar per limb, the same for every block.</summary>
    public void MultiplyScalar(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination)
    {
        RequireSame(x, destination);
        RequireScalars(scalars, x);
        MultiplyScalarCore(x, scalars, destination);
    }

    /// <summary>destination ← destination + s · x mod q, with one canonical scalar per limb, the same for every block.</summary>
    public void MultiplyScalarAdd(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination)
    {
        RequireSame(x, destination);
        RequireScalars(scalars, x);
        MultiplyScalarAddCore(x, scalars, destination);
    }

    /// <summary>destination_r ← Σ_c weights_(r,c) · x_c mod q, value by value: sums of products, one read of x for all rows.</summary>
    /// <param name="weights">rows · columns blocks, row after row; may be compact (all of one degree); <c>default</c> is zero.</param>
    /// <param name="x">columns blocks.</param>
    /// <param name="destination">rows blocks, none of them an operand.</param>
    public void MatrixProduct(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        if (x.IsEmpty || destination.IsEmpty || weights.Length != x.Length * destination.Length)
        {
            throw new ArgumentException($"{weights.Length} weights are not {destination.Length} rows of {x.Length}.", nameof(weights));
        }

        RequireBlock(x[0]);
        RequireBasis(x, x[0].Basis);
        RequireBasis(destination, x[0].Basis);
        foreach (LimbBlock weight in weights)
        {
            if (!weight.IsZero)
            {
                RequireCompact(weight, x[0].Basis);
            }
        }

        MatrixProductCore(weights, x, destination);
    }

    /// <summary>destination_r ← Σ_c w_(r,c) · x_c mod q with signed integer weights.</summary>
    /// <param name="weights">rows · columns integers, row after row, |w| &lt; 2^62.</param>
    /// <param name="x">columns blocks.</param>
    /// <param name="destination">rows blocks, none of them an operand.</param>
    public void IntegerMatrixProduct(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        if (x.IsEmpty || destination.IsEmpty || weights.Length != x.Length * destination.Length)
        {
            throw new ArgumentException($"{weights.Length} weights are not {destination.Length} rows of {x.Length}.", nameof(weights));
        }

        RequireBlock(x[0]);
        RequireBasis(x, x[0].Basis);
        RequireBasis(destination, x[0].Basis);
        IntegerMatrixProductCore(weights, x, destination);
    }

    /// <summary>x ← NTT(x), in place: Coefficient → Evaluation, in the order of <see cref="NttTables"/>.</summary>
    public abstract void ForwardNtt(ReadOnlySpan<LimbBlock> x);

    /// <summary>x ← NTT^(−1)(x), in place: Evaluation → Coefficient.</summary>
    public abstract void InverseNtt(ReadOnlySpan<LimbBlock> x);

    /// <summary>destination(X) ← x(X^g). Destinations must not be operands.</summary>
    /// <param name="domain">The form of x and of the destination: a permutation in Evaluation form, a signed one in Coefficient form.</param>
    /// <param name="element">g.</param>
    /// <param name="x">Blocks.</param>
    /// <param name="destination">As many blocks.</param>
    public void Automorphism(Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        RequireSame(x, destination);
        AutomorphismCore(domain, element, x, destination);
    }

    /// <summary>destination ← the centred lift of x, reduced modulo the primes of the target; Coefficient form. See <see cref="BasisConversion"/>.</summary>
    public void ConvertBasis(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(conversion);
        RequireCount(x, destination);
        RequireBasis(x, conversion.Source);
        RequireBasis(destination, conversion.Target);
        ConvertBasisCore(conversion, x, destination);
    }

    /// <summary>Extends digits to a larger basis and transforms them: destination ← NTT(ConvertBasis(coefficients)).</summary>
    /// <param name="conversion">From the digit's primes to all of the destination's, the digit's own among them, consecutive and in order.</param>
    /// <param name="coefficients">The digit in Coefficient form.</param>
    /// <param name="evaluations">The same digit in Evaluation form, copied into the destination instead of being transformed again.</param>
    /// <param name="destination">Evaluation form.</param>
    public virtual void ModUp(
        BasisConversion conversion, ReadOnlySpan<LimbBlock> coefficients, ReadOnlySpan<LimbBlock> evaluations, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(conversion);
        int first = RequireDigit(conversion);
        RequireSame(evaluations, coefficients);
        ConvertBasis(conversion, coefficients, destination);
        int end = first + conversion.Source.Count;
        List<LimbBlock> foreign = [];
        for (int i = 0; i < destination.Length; i++)
        {
            LimbBlock block = destination[i];
            AddPart(foreign, block, 0, first);
            AddPart(foreign, block, end, block.LimbCount - end);
            Copy([evaluations[i]], [new LimbBlock(block.Buffer, block.FirstLimb + first, conversion.Source)]);
        }

        ForwardNtt(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(foreign));
    }

    /// <summary>destination ← ⌊x / D⌉: exact rounded division by the last primes; Evaluation form. ModDown and Rescale are this.</summary>
    /// <param name="division">D and its constants.</param>
    /// <param name="x">Blocks over the kept primes followed by the dropped ones. Left unchanged.</param>
    /// <param name="destination">Blocks over the kept primes; may be the first limbs of x.</param>
    public virtual void Divide(LimbDivision division, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        ArgumentNullException.ThrowIfNull(division);
        RequireCount(x, destination);
        RequireDividend(x, division);
        RequireBasis(destination, division.Kept);
        int degree = division.Kept.RingDegree;
        for (int i = 0; i < x.Length; i++)
        {
            using RingBuffer tail = Allocate(degree, division.Dropped.Count);
            using RingBuffer lift = Allocate(degree, division.Kept.Count);
            LimbBlock kept = new(x[i].Buffer, x[i].FirstLimb, division.Kept);
            LimbBlock dropped = new(x[i].Buffer, x[i].FirstLimb + division.Kept.Count, division.Dropped);
            LimbBlock tailBlock = new(tail, 0, division.Dropped);
            LimbBlock liftBlock = new(lift, 0, division.Kept);
            Copy([dropped], [tailBlock]);
            InverseNtt([tailBlock]);
            ConvertBasis(division.Conversion, [tailBlock], [liftBlock]);
            ForwardNtt([liftBlock]);
            Subtract([kept], [liftBlock], [destination[i]]);
            MultiplyScalar([destination[i]], division.Inverses, [destination[i]]);
        }
    }

    /// <summary>(d_0, d_1, d_2) ← (x_0·y_0, x_0·y_1 + x_1·y_0, x_1·y_1): the product of two two-part ciphertexts. Destinations must not be operands.</summary>
    public virtual void TensorProduct(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireTensor(x, y, destination);
        Multiply([x[0]], [y[0]], [destination[0]]);
        Multiply([x[0]], [y[1]], [destination[1]]);
        MultiplyAdd([x[1]], [y[0]], [destination[1]]);
        Multiply([x[1]], [y[1]], [destination[2]]);
    }

    /// <summary>Waits for everything that was called before. Calls on a device may return before they are done; downloads wait by themselves.</summary>
    public virtual void Synchronize()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Scratch.Dispose();
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the backend holds.</summary>
    protected virtual void Dispose(bool isDisposing)
    {
    }

    /// <inheritdoc cref="Upload"/>
    protected abstract void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination);

    /// <inheritdoc cref="UploadIntegers"/>
    protected abstract void UploadIntegersCore(ReadOnlySpan<double> coefficients, LimbBlock destination);

    /// <inheritdoc cref="Download"/>
    protected abstract void DownloadCore(LimbBlock source, Span<ulong> residues);

    /// <inheritdoc cref="Copy"/>
    protected abstract void CopyCore(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="Add"/>
    protected abstract void AddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="Subtract"/>
    protected abstract void SubtractCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="Negate"/>
    protected abstract void NegateCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="Multiply"/>
    protected abstract void MultiplyCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="MultiplyAdd"/>
    protected abstract void MultiplyAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="MultiplyScalar"/>
    protected abstract void MultiplyScalarCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="MultiplyScalarAdd"/>
    protected abstract void MultiplyScalarAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="MatrixProduct"/>
    protected abstract void MatrixProductCore(ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="IntegerMatrixProduct"/>
    protected abstract void IntegerMatrixProductCore(ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="Automorphism"/>
    protected abstract void AutomorphismCore(Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination);

    /// <inheritdoc cref="ConvertBasis"/>
    protected abstract void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination);

    private static void AddPart(List<LimbBlock> parts, LimbBlock block, int start, int count)
    {
        if (count > 0)
        {
            parts.Add(new LimbBlock(block.Buffer, block.FirstLimb + start, block.Basis.Slice(start, count)));
        }
    }
}
