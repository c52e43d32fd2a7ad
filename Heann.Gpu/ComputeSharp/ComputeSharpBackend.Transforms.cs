using System.Numerics;
using ComputeSharp;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;
using Heann.Gpu.Direct3D;

namespace Heann.Gpu;

/// <content>Transforms, automorphisms, basis conversions, matrix products.</content>
public sealed partial class ComputeSharpBackend
{
    /// <inheritdoc/>
    public override void ForwardNtt(ReadOnlySpan<LimbBlock> x)
    {
        using ComputeContext context = _device.CreateComputeContext();
        foreach (LimbBlock block in x)
        {
            ReadWriteBuffer<uint> values = Words(block);
            int logN = BitOperations.Log2((uint)block.RingDegree);
            for (int stage = 0; stage < logN; stage++)
            {
                for (int limb = 0; limb < block.LimbCount; limb++)
                {
                    WordPair q = WordPair.Of(block.Basis[limb].Value);
                    context.For(block.RingDegree / 2, new ForwardStageShader(
                        values, Transform(block, limb).Forward, Start(block, limb), 1 << stage, logN - 1 - stage, q.Lo, q.Hi));
                }

                context.Barrier(values);
            }
        }
    }

    /// <inheritdoc/>
    public override void InverseNtt(ReadOnlySpan<LimbBlock> x)
    {
        using ComputeContext context = _device.CreateComputeContext();
        foreach (LimbBlock block in x)
        {
            ReadWriteBuffer<uint> values = Words(block);
            int logN = BitOperations.Log2((uint)block.RingDegree);
            for (int stage = logN - 1; stage >= 0; stage--)
            {
                for (int limb = 0; limb < block.LimbCount; limb++)
                {
                    WordPair q = WordPair.Of(block.Basis[limb].Value);
                    context.For(block.RingDegree / 2, new InverseStageShader(
                        values, Transform(block, limb).Inverse, Start(block, limb), 1 << stage, logN - 1 - stage, q.Lo, q.Hi));
                }

                context.Barrier(values);
            }

            for (int limb = 0; limb < block.LimbCount; limb++)
            {
                int start = Start(block, limb);
                context.For(block.RingDegree, Scalar(
                    values, start, Transform(block, limb).DegreeInverse, block.Basis[limb], values, start, isSum: false));
            }

            context.Barrier(values);
        }
    }

    /// <inheritdoc/>
    protected override void AutomorphismCore(
        Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        using ComputeContext context = _device.CreateComputeContext();
        for (int i = 0; i < x.Length; i++)
        {
            (ReadWriteBuffer<uint> from, ReadWriteBuffer<uint> to) = (Words(x[i]), Words(destination[i]));
            int degree = x[i].RingDegree;
            uint mask = (uint)((2 * degree) - 1);
            uint exponent = (uint)element.Exponent(degree);
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                (int xStart, int toStart) = (Start(x[i], limb), Start(destination[i], limb));
                if (domain == Domain.Coefficient)
                {
                    WordPair q = WordPair.Of(x[i].Basis[limb].Value);
                    context.For(degree, new SubstituteCoefficientsShader(
                        from, to, xStart, toStart, (uint)element.Inverse.Exponent(degree), mask, q.Lo, q.Hi));
                }
                else
                {
                    context.For(degree, new SubstituteValuesShader(
                        from, to, xStart, toStart, exponent, mask, BitOperations.Log2((uint)degree)));
                }
            }

            context.Barrier(to);
        }
    }

    /// <inheritdoc/>
    protected override void ConvertBasisCore(BasisConversion conversion, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        int degree = conversion.Source.RingDegree;
        int sourceCount = conversion.Source.Count;
        ReadOnlyBuffer<uint> constants = _conversions.GetValue(conversion, key => new(_device, key)).Buffer;
        using DeviceRingBuffer scratch = new(this, _memory, degree, sourceCount + 1);
        foreach (LimbBlock block in x)
        {
            scratch.IsSecret |= block.Buffer.IsSecret;
        }

        ReadWriteBuffer<uint> parts = scratch.Words;
        using ComputeContext context = _device.CreateComputeContext();
        for (int i = 0; i < x.Length; i++)
        {
            (ReadWriteBuffer<uint> from, ReadWriteBuffer<uint> to) = (Words(x[i]), Words(destination[i]));
            (int xStart, int toStart) = (Start(x[i], 0), Start(destination[i], 0));
            context.For(degree, new QuotientShader(from, parts, constants, xStart, degree, sourceCount));
            context.Barrier(parts);
            context.For(
                degree, conversion.Target.Count, new RecombineShader(from, parts, to, constants, xStart, toStart, degree, sourceCount));

            // The next block overwrites the parts and may read this destination.
            context.Barrier(parts);
            context.Barrier(to);
        }
    }

    /// <inheritdoc/>
    protected override void MatrixProductCore(
        ReadOnlySpan<LimbBlock> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        for (int row = 0; row < destination.Length; row++)
        {
            bool isFirst = true;
            for (int column = 0; column < x.Length; column++)
            {
                LimbBlock weight = weights[(row * x.Length) + column];
                if (!weight.IsZero)
                {
                    ElementwiseOperation operation = isFirst ? ElementwiseOperation.Multiply : ElementwiseOperation.MultiplyAdd;
                    Run(operation, [x[column]], [weight], [destination[row]]);
                    isFirst = false;
                }
            }

            if (isFirst)
            {
                Clear([destination[row]]);
            }
        }
    }

    /// <inheritdoc/>
    protected override void IntegerMatrixProductCore(
        ReadOnlySpan<long> weights, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        for (int row = 0; row < destination.Length; row++)
        {
            for (int column = 0; column < x.Length; column++)
            {
                long weight = weights[(row * x.Length) + column];
                ulong[] scalars = [.. x[column].Basis.Moduli.Select(q => q.Reduce(weight))];
                RunScalar([x[column]], scalars, [destination[row]], isSum: column > 0);
            }
        }
    }

    private TransformConstants Transform(LimbBlock block, int limb)
    {
        (ulong, int) key = (block.Basis[limb].Value, block.RingDegree);
        if (!_transforms.TryGetValue(key, out Lazy<TransformConstants>? constants))
        {
            constants = _transforms.GetOrAdd(key, new Lazy<TransformConstants>(() => new(_device, block.Basis.Tables(limb))));
        }

        return constants.Value;
    }
}
