using Heann.Core.Arithmetic;

namespace Heann.Core.Rings;

/// <summary>The checks at the seam: shapes and primes, once per call; kernels rely on them.</summary>
public abstract partial class RingBackend
{
    private protected static void RequireLength(int length, LimbBlock block)
    {
        if (length != block.LimbCount * block.RingDegree)
        {
            throw new ArgumentException($"{length} residues are not {block.LimbCount} limbs of {block.RingDegree}.");
        }
    }

    private protected static void RequireScalars(ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> x)
    {
        foreach (LimbBlock block in x)
        {
            if (scalars.Length != block.LimbCount)
            {
                throw new ArgumentException(
                    $"{scalars.Length} scalars for {block.LimbCount} limbs; one is needed per limb.", nameof(scalars));
            }

            for (int i = 0; i < scalars.Length; i++)
            {
                if (scalars[i] >= block.Basis[i].Value)
                {
                    throw new ArgumentException(
                        $"Scalar {scalars[i]} of limb {i} is not below its prime {block.Basis[i]}.", nameof(scalars));
                }
            }
        }
    }

    private protected static void RequireCount(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        if (x.Length != destination.Length)
        {
            throw new ArgumentException($"{x.Length} operands for {destination.Length} destinations; the lists must be equally long.");
        }
    }

    private protected static void RequireSame(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        RequireCount(x, destination);
        for (int i = 0; i < x.Length; i++)
        {
            RequireBlock(x[i]);
            RequireBasis([destination[i]], x[i].Basis);
        }
    }

    private protected static void RequireOperands(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        RequireSame(x, destination);
        RequireCount(x, y);
        for (int i = 0; i < x.Length; i++)
        {
            RequireCompact(y[i], x[i].Basis);
        }
    }

    private protected static void RequireTensor(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        if (x.Length != 2 || y.Length != 2 || destination.Length != 3)
        {
            throw new ArgumentException($"A tensor product takes 2 and 2 parts to 3; got {x.Length}, {y.Length} and {destination.Length}.");
        }

        RequireBlock(x[0]);
        RequireBasis(x, x[0].Basis);
        RequireBasis(destination, x[0].Basis);
        RequireCompact(y[0], x[0].Basis);
        RequireCompact(y[1], x[0].Basis);
    }

    internal static void RequireBasis(ReadOnlySpan<LimbBlock> blocks, RnsBasis basis)
    {
        foreach (LimbBlock block in blocks)
        {
            RequireBlock(block);
            if (!ReferenceEquals(block.Basis, basis))
            {
                RequireModuli(block, basis);
                if (block.RingDegree != basis.RingDegree)
                {
                    throw new ArgumentException($"Ring degrees differ: {block.RingDegree} and {basis.RingDegree}.");
                }
            }
        }
    }

    private protected static void RequireCompact(LimbBlock block, RnsBasis basis)
    {
        RequireBlock(block);
        if (!ReferenceEquals(block.Basis, basis))
        {
            RequireModuli(block, basis);
            if (block.RingDegree > basis.RingDegree)
            {
                throw new ArgumentException(
                    $"A compact operand of degree {block.RingDegree} does not divide the degree {basis.RingDegree}.");
            }
        }
    }

    // The position of the digit's primes in the target.
    private protected static int RequireDigit(BasisConversion conversion)
    {
        int count = conversion.Source.Count;
        for (int first = 0; first + count <= conversion.Target.Count; first++)
        {
            if (Enumerable.Range(0, count).All(i => conversion.SharedSource(first + i) == i))
            {
                return first;
            }
        }

        throw new ArgumentException(
            $"The {count} primes of the digit do not follow each other in order among the {conversion.Target.Count} of the target.",
            nameof(conversion));
    }

    private protected static void RequireDividend(ReadOnlySpan<LimbBlock> x, LimbDivision division)
    {
        int keptCount = division.Kept.Count;
        foreach (LimbBlock block in x)
        {
            RequireBlock(block);
            if (block.LimbCount != keptCount + division.Dropped.Count || block.RingDegree != division.Kept.RingDegree)
            {
                throw new ArgumentException(
                    $"A dividend of {block.LimbCount} limbs of degree {block.RingDegree} is not "
                    + $"{keptCount} kept and {division.Dropped.Count} dropped limbs of degree {division.Kept.RingDegree}.");
            }

            for (int i = 0; i < block.LimbCount; i++)
            {
                Modulus q = i < keptCount ? division.Kept[i] : division.Dropped[i - keptCount];
                if (block.Basis[i].Value != q.Value)
                {
                    throw new ArgumentException($"The primes of limb {i} differ: {block.Basis[i]} and {q}.");
                }
            }
        }
    }

    private protected static void RequireBlock(LimbBlock block)
    {
        if (block.IsZero)
        {
            throw new ArgumentException(
                "default(LimbBlock) stands for zero among the weights of a matrix product only; pass a cleared buffer.");
        }
    }

    private protected static void RequireModuli(LimbBlock block, RnsBasis basis)
    {
        if (block.LimbCount != basis.Count)
        {
            throw new ArgumentException($"Limb counts differ: {block.LimbCount} and {basis.Count}.");
        }

        for (int i = 0; i < basis.Count; i++)
        {
            if (block.Basis[i].Value != basis[i].Value)
            {
                throw new ArgumentException($"The primes of limb {i} differ: {block.Basis[i]} and {basis[i]}.");
            }
        }
    }
}
