using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Transforms and automorphisms. An item is one limb of one block; those of one prime follow each other and share its
/// twiddles.</content>
public sealed unsafe partial class SimdBackend
{
    /// <inheritdoc/>
    public override void ForwardNtt(ReadOnlySpan<LimbBlock> x)
    {
        (int limbs, _, long values) = Measure(x);
        TransformJob job = new() { Backend = this, X = x, Limbs = limbs };
        Run(ref job, values);
    }

    /// <inheritdoc/>
    public override void InverseNtt(ReadOnlySpan<LimbBlock> x)
    {
        (int limbs, _, long values) = Measure(x);
        TransformJob job = new() { Backend = this, X = x, Limbs = limbs, IsInverse = true };
        Run(ref job, values);
    }

    /// <inheritdoc/>
    protected override void AutomorphismCore(
        Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        (int limbs, int degree, long values) = Measure(x);
        AutomorphismJob job = new()
        {
            Backend = this, Domain = domain, Element = element, X = x, Destination = destination,
            Limbs = limbs, Pieces = PiecesOf(limbs, degree),
        };
        Run(ref job, values);
    }

    private void Transform(double* x, RnsBasis basis, int limb, bool isInverse)
    {
        SimdTables tables = TablesFor(basis, limb);
        SimdKernels kernels = KernelsFor(basis.RingDegree);
        if (isInverse)
        {
            kernels.InverseNtt(x, tables);
        }
        else
        {
            kernels.ForwardNtt(x, tables);
        }

        GC.KeepAlive(tables); // its pinned array is read through pointers
    }

    // Limbs SkipStart … SkipEnd − 1 are left alone.
    private ref struct TransformJob : ISimdJob
    {
        public SimdBackend Backend;
        public ReadOnlySpan<LimbBlock> X;
        public int Limbs;
        public int SkipStart;
        public int SkipEnd;
        public bool IsInverse;

        public readonly int Count => Limbs * X.Length;

        public readonly void Run(int item)
        {
            int limb = item / X.Length;
            LimbBlock block = X[item % X.Length];
            if (limb < block.LimbCount && (limb < SkipStart || limb >= SkipEnd))
            {
                Backend.Transform(Limb(block, limb), block.Basis, limb, IsInverse);
            }
        }
    }

    private ref struct AutomorphismJob : ISimdJob
    {
        public SimdBackend Backend;
        public Domain Domain;
        public GaloisElement Element;
        public ReadOnlySpan<LimbBlock> X;
        public ReadOnlySpan<LimbBlock> Destination;
        public int Limbs;
        public int Pieces;

        public readonly int Count => Limbs * Pieces;

        public readonly void Run(int item)
        {
            int limb = item / Pieces;
            for (int i = 0; i < X.Length; i++)
            {
                int degree = X[i].RingDegree;
                if (limb < X[i].LimbCount && TryPiece(degree, Pieces, item % Pieces, out int start, out int count))
                {
                    double* from = Limb(X[i], limb);
                    double* to = Limb(Destination[i], limb);
                    int exponent = Element.Exponent(degree);
                    if (Domain == Domain.Coefficient)
                    {
                        PermuteCoefficients(from, to, degree, exponent, start, count);
                    }
                    else
                    {
                        SimdPermutation permutation = Backend.PermutationFor(degree, exponent);
                        Backend.KernelsFor(degree).Permute(from, permutation, to, start, count);
                        GC.KeepAlive(permutation);
                    }
                }
            }
        }

        // X^i → X^(i·g): exponents from N on wrap with a minus sign.
        private static void PermuteCoefficients(double* from, double* to, int degree, int exponent, int start, int count)
        {
            long target = (long)start * exponent & (2L * degree - 1);
            for (int i = start; i < start + count; i++, target = (target + exponent) & (2L * degree - 1))
            {
                to[target & (degree - 1)] = target < degree ? from[i] : -from[i];
            }
        }
    }
}
