using Heann.Core.Rings;
using Heann.Gpu.Drivers;

namespace Heann.Gpu;

/// <content>Transfers, and what is done value by value.</content>
public sealed unsafe partial class GpuBackend
{
    // The kernel's numbers for what it does.
    private enum Operation
    {
        Add,
        Subtract,
        Negate,
        Multiply,
        MultiplyAdd,
        Copy,
        MultiplyScalar,
        MultiplyScalarAdd,
    }

    /// <inheritdoc/>
    public override void Clear(ReadOnlySpan<LimbBlock> destination)
    {
        using Alive alive = new(destination, [], []);
        foreach (LimbBlock block in destination)
        {
            Zero(First(block), block.RingDegree, block.LimbCount);
        }
    }

    /// <summary>Zeros, before the memory is given back: they are queued ahead of whatever uses it next. Finalizers call this, so that a device
    /// that has failed, or is being disposed of, is no error here.</summary>
    internal void Wipe(ulong first, int ringDegree, int limbCount)
    {
        try
        {
            Zero(first, ringDegree, limbCount);
        }
        catch (Exception e) when (e is GpuException or ObjectDisposedException)
        {
        }
    }

    private void Zero(ulong first, int degree, int limbs)
    {
        GpuCall call = CallFor(degree, 0);
        call.D[0] = first;
        Launch("clear", degree, limbs, 1, call);
    }

    /// <inheritdoc/>
    protected override void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination)
    {
        ulong to = First(destination);
        fixed (ulong* source = residues)
        {
            Write(to, source, residues.Length, destination.Buffer.IsSecret);
        }

        GpuCall call = CallFor(destination.Basis);
        call.X[0] = call.D[0] = to;
        Launch("exchange", call.N, destination.LimbCount, 1, call);
        GC.KeepAlive(destination.Buffer);
    }

    /// <inheritdoc/>
    protected override void UploadIntegersCore(ReadOnlySpan<double> coefficients, LimbBlock destination)
    {
        foreach (double x in coefficients)
        {
            if (!double.IsInteger(x))
            {
                throw new ArgumentException($"Only an integer has a residue; got {x}. Round it first.", nameof(coefficients));
            }
        }

        bool isSecret = destination.Buffer.IsSecret;
        using GpuTable values = new(this, coefficients, isSecret);
        try
        {
            GpuCall call = CallFor(destination.Basis);
            call.X[0] = values.First;
            call.D[0] = First(destination);
            Launch("integers", call.N, destination.LimbCount, 1, call);
        }
        finally
        {
            if (isSecret)
            {
                Wipe(values.First, coefficients.Length, 1);
            }
        }

        GC.KeepAlive(destination.Buffer);
    }

    /// <inheritdoc/>
    protected override void DownloadCore(LimbBlock source, Span<ulong> residues)
    {
        ulong staging = Memory.Rent(residues.Length);
        try
        {
            GpuCall call = CallFor(source.Basis);
            call.X[0] = First(source);
            call.D[0] = staging;
            call.P0 = 1;
            Launch("exchange", call.N, source.LimbCount, 1, call);
            fixed (ulong* destination = residues)
            {
                Read(staging, destination, residues.Length);
            }
        }
        finally
        {
            if (source.Buffer.IsSecret)
            {
                Wipe(staging, source.RingDegree, source.LimbCount);
            }

            Memory.Return(staging, residues.Length);
        }
    }

    /// <inheritdoc/>
    protected override void CopyCore(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.Copy, source, source, destination);

    /// <inheritdoc/>
    protected override void AddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.Add, x, y, destination);

    /// <inheritdoc/>
    protected override void SubtractCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.Subtract, x, y, destination);

    /// <inheritdoc/>
    protected override void NegateCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.Negate, x, x, destination);

    /// <inheritdoc/>
    protected override void MultiplyCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.Multiply, x, y, destination);

    /// <inheritdoc/>
    protected override void MultiplyAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.MultiplyAdd, x, y, destination);

    /// <inheritdoc/>
    protected override void MultiplyScalarCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.MultiplyScalar, x, x, destination, scalars);

    /// <inheritdoc/>
    protected override void MultiplyScalarAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        Elementwise(Operation.MultiplyScalarAdd, x, x, destination, scalars);

    /// <inheritdoc/>
    protected override void AutomorphismCore(Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        using Alive alive = new(x, [], destination);
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, x, destination);
            GpuCall call = CallFor(x[start].Basis);
            call.X = FirstOf(x.Slice(start, count));
            call.D = FirstOf(destination.Slice(start, count));
            call.P0 = element.Exponent(call.N);
            call.P1 = element.Inverse.Exponent(call.N);
            call.P2 = domain == Domain.Evaluation ? 1 : 0;
            Launch("automorphism", call.N, x[start].LimbCount, count, call);
        }
    }

    // Scalars, one a limb, are for the operations that take them instead of y.
    private void Elementwise(
        Operation operation, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination, ReadOnlySpan<ulong> scalars = default)
    {
        using Alive alive = new(x, y, destination);
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(start, x, y, destination);
            using GpuTable? table = scalars.IsEmpty ? null : new(this, Residues(x[start].Basis, scalars));
            GpuCall call = CallFor(x[start].Basis);
            call.X = FirstOf(x.Slice(start, count));
            call.Y = FirstOf(y.Slice(start, count));
            call.D = FirstOf(destination.Slice(start, count));
            call.P0 = (int)operation;
            call.P1 = System.Numerics.BitOperations.Log2((uint)(call.N / y[start].RingDegree));
            call.T0 = table?.First ?? 0;
            Launch("elementwise", call.N, x[start].LimbCount, count, call);
        }
    }

    // How many blocks from one on go into one launch, which runs them in any order: as many as fit, with the same primes, y of one degree,
    // of which none needs what an earlier one writes, or writes what an earlier one needs.
    private static int Together(int start, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        int end = start + 1;
        while (end < Math.Min(x.Length, start + GpuCall.MaxBlocks)
            && ReferenceEquals(x[end].Basis, x[start].Basis) && y[end].RingDegree == y[start].RingDegree && !DependsOnEarlier(end, x, y, destination))
        {
            end++;
        }

        return end - start;

        bool DependsOnEarlier(int i, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
        {
            for (int j = start; j < i; j++)
            {
                if (Meet(destination[j], destination[i]) || Meet(destination[j], x[i]) || Meet(destination[j], y[i])
                    || Meet(x[j], destination[i]) || Meet(y[j], destination[i]))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private static bool Meet(LimbBlock a, LimbBlock b) =>
        ReferenceEquals(a.Buffer, b.Buffer) && a.FirstLimb < b.FirstLimb + b.LimbCount && b.FirstLimb < a.FirstLimb + a.LimbCount;

    private GpuCall.Blocks FirstOf(ReadOnlySpan<LimbBlock> blocks)
    {
        GpuCall.Blocks words = default;
        for (int i = 0; i < blocks.Length; i++)
        {
            words[i] = First(blocks[i]);
        }

        return words;
    }

    // Words of blocks that have these primes.
    private void Copy(RnsBasis basis, in GpuCall.Blocks x, in GpuCall.Blocks destination, int count)
    {
        GpuCall call = CallFor(basis);
        (call.X, call.D, call.P0) = (x, destination, (int)Operation.Copy);
        Launch("elementwise", call.N, basis.Count, count, call);
    }
}
