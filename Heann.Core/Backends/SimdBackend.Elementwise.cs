using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Operations value by value. An item is a piece of one limb of all blocks, so blocks are worked on in the order of their
/// list.</content>
public sealed unsafe partial class SimdBackend
{
    /// <inheritdoc/>
    public override void Clear(ReadOnlySpan<LimbBlock> destination)
    {
        (int limbs, int degree, long values) = Measure(destination);
        CopyJob job = new() { Destination = destination, Limbs = limbs, Pieces = PiecesOf(limbs, degree) };
        Run(ref job, values);
    }

    /// <inheritdoc/>
    public override void TensorProduct(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        if (x.Length != 2 || y.Length != 2 || destination.Length != 3 || x[0].IsZero || y[0].IsZero || y[1].IsZero
            || y[0].RingDegree != x[0].RingDegree || y[1].RingDegree != x[0].RingDegree)
        {
            base.TensorProduct(x, y, destination); // compact operands, and what is to be refused
            return;
        }

        RequireOperands(x, y, destination[..2]);
        RequireOperands(x[1..], y[1..], destination[2..]);
        RequireBasis(x[1..], x[0].Basis);
        (int limbs, int degree, long values) = Measure(destination);
        TensorJob job = new()
        {
            Kernels = KernelsFor(degree), X = x, Y = y, Destination = destination, Limbs = limbs, Pieces = PiecesOf(limbs, degree),
        };
        Run(ref job, values);
    }

    /// <inheritdoc/>
    protected override void CopyCore(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination)
    {
        (int limbs, int degree, long values) = Measure(destination);
        CopyJob job = new() { Source = source, Destination = destination, Limbs = limbs, Pieces = PiecesOf(limbs, degree) };
        Run(ref job, values);
    }

    /// <inheritdoc/>
    protected override void AddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Apply(SimdOperation.Add, x, y, destination);

    /// <inheritdoc/>
    protected override void SubtractCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Apply(SimdOperation.Subtract, x, y, destination);

    /// <inheritdoc/>
    protected override void MultiplyCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Apply(SimdOperation.Multiply, x, y, destination);

    /// <inheritdoc/>
    protected override void MultiplyAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Apply(SimdOperation.MultiplyAdd, x, y, destination);

    /// <inheritdoc/>
    protected override void NegateCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        MultiplyScalar(x, default, destination, isAdded: false);

    /// <inheritdoc/>
    protected override void MultiplyScalarCore(
        ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        MultiplyScalar(x, scalars, destination, isAdded: false);

    /// <inheritdoc/>
    protected override void MultiplyScalarAddCore(
        ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        MultiplyScalar(x, scalars, destination, isAdded: true);

    private void Apply(SimdOperation operation, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        (int limbs, int degree, long values) = Measure(destination);
        ApplyJob job = new()
        {
            Backend = this, Operation = operation, X = x, Y = y, Destination = destination,
            Limbs = limbs, Pieces = PiecesOf(limbs, degree),
        };
        Run(ref job, values);
    }

    private void MultiplyScalar(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination, bool isAdded)
    {
        (int limbs, int degree, long values) = Measure(destination);
        ScalarJob job = new()
        {
            Backend = this, X = x, Scalars = scalars, Destination = destination, IsAdded = isAdded,
            Limbs = limbs, Pieces = PiecesOf(limbs, degree),
        };
        Run(ref job, values);
    }

    // destination ← source, or 0 without a source.
    private ref struct CopyJob : ISimdJob
    {
        public ReadOnlySpan<LimbBlock> Source;
        public ReadOnlySpan<LimbBlock> Destination;
        public int Limbs;
        public int Pieces;

        public readonly int Count => Limbs * Pieces;

        public readonly void Run(int item)
        {
            int limb = item / Pieces;
            for (int i = 0; i < Destination.Length; i++)
            {
                LimbBlock block = Destination[i];
                if (limb < block.LimbCount && TryPiece(block.RingDegree, Pieces, item % Pieces, out int start, out int count))
                {
                    Span<double> to = new(Limb(block, limb) + start, count);
                    if (Source.IsEmpty)
                    {
                        to.Clear();
                    }
                    else
                    {
                        new ReadOnlySpan<double>(Limb(Source[i], limb) + start, count).CopyTo(to);
                    }
                }
            }
        }
    }

    private ref struct ApplyJob : ISimdJob
    {
        public SimdBackend Backend;
        public SimdOperation Operation;
        public ReadOnlySpan<LimbBlock> X;
        public ReadOnlySpan<LimbBlock> Y;
        public ReadOnlySpan<LimbBlock> Destination;
        public int Limbs;
        public int Pieces;

        public readonly int Count => Limbs * Pieces;

        public readonly void Run(int item)
        {
            int limb = item / Pieces;
            for (int i = 0; i < Destination.Length; i++)
            {
                LimbBlock block = Destination[i];
                if (limb < block.LimbCount && TryPiece(block.RingDegree, Pieces, item % Pieces, out int start, out int count))
                {
                    int shift = BitOperations.Log2((uint)(block.RingDegree / Y[i].RingDegree));
                    Backend.KernelsFor(block.RingDegree).Apply(
                        Operation, Limb(X[i], limb), Limb(Y[i], limb), shift, Limb(block, limb), start, count, block.Basis[limb]);
                }
            }
        }
    }

    // destination ← s·x (+ destination); without scalars s = −1.
    private ref struct ScalarJob : ISimdJob
    {
        public SimdBackend Backend;
        public ReadOnlySpan<LimbBlock> X;
        public ReadOnlySpan<ulong> Scalars;
        public ReadOnlySpan<LimbBlock> Destination;
        public int Limbs;
        public int Pieces;
        public bool IsAdded;

        public readonly int Count => Limbs * Pieces;

        public readonly void Run(int item)
        {
            int limb = item / Pieces;
            for (int i = 0; i < Destination.Length; i++)
            {
                LimbBlock block = Destination[i];
                if (limb < block.LimbCount && TryPiece(block.RingDegree, Pieces, item % Pieces, out int start, out int count))
                {
                    Modulus q = block.Basis[limb];
                    double s = Scalars.IsEmpty ? -1 : q.Center(Scalars[limb]);
                    SimdKernels kernels = Backend.KernelsFor(block.RingDegree);
                    kernels.MultiplyScalar(Limb(X[i], limb) + start, s, Limb(block, limb) + start, count, q, IsAdded);
                }
            }
        }
    }

    private ref struct TensorJob : ISimdJob
    {
        public SimdKernels Kernels;
        public ReadOnlySpan<LimbBlock> X;
        public ReadOnlySpan<LimbBlock> Y;
        public ReadOnlySpan<LimbBlock> Destination;
        public int Limbs;
        public int Pieces;

        public readonly int Count => Limbs * Pieces;

        public readonly void Run(int item)
        {
            int limb = item / Pieces;
            if (TryPiece(X[0].RingDegree, Pieces, item % Pieces, out int start, out int count))
            {
                Kernels.TensorProduct(
                    Limb(X[0], limb), Limb(X[1], limb), Limb(Y[0], limb), Limb(Y[1], limb),
                    Limb(Destination[0], limb), Limb(Destination[1], limb), Limb(Destination[2], limb), start, count, X[0].Basis[limb]);
            }
        }
    }
}
