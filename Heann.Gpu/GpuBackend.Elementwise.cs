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
        Clear,
        MultiplyScalar,
        MultiplyScalarAdd,
    }

    /// <inheritdoc/>
    public override void Clear(ReadOnlySpan<LimbBlock> destination) => Elementwise(Operation.Clear, destination, destination, destination);

    /// <summary>Zeros, before the memory is given back.</summary>
    internal void Wipe(ulong first, long words)
    {
        if (_isDisposed)
        {
            return; // the driver has freed it
        }

        const int Row = 1 << 16; // as a polynomial of so many values, and one of the rest
        GpuCall call = CallFor(Row, first);
        call.P0 = (int)Operation.Clear;
        call.D[0] = first;
        Launch("wipe", Row, (int)(words / Row), 1, call);
        call.D[0] = first + (ulong)(words / Row * Row);
        call.N = (int)(words % Row);
        Launch("wipe", call.N, 1, 1, call);
        Synchronize();
    }

    /// <inheritdoc/>
    protected override void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination)
    {
        ulong to = First(destination);
        fixed (ulong* source = residues)
        {
            Write(to, source, residues.Length);
        }

        GpuCall call = CallFor(destination.Basis);
        call.X[0] = call.D[0] = to;
        Launch("exchange", call.N, destination.LimbCount, 1, call);
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

        ulong to = First(destination);
        using GpuTable values = new(this, coefficients);
        GpuCall call = CallFor(destination.Basis);
        call.X[0] = values.First;
        call.D[0] = to;
        Launch("integers", call.N, destination.LimbCount, 1, call);
    }

    /// <inheritdoc/>
    protected override void DownloadCore(LimbBlock source, Span<ulong> residues)
    {
        ulong from = First(source);
        ulong staging = Memory.Rent(residues.Length);
        try
        {
            GpuCall call = CallFor(source.Basis);
            call.X[0] = from;
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
        Scaled(Operation.MultiplyScalar, x, scalars, destination);

    /// <inheritdoc/>
    protected override void MultiplyScalarAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        Scaled(Operation.MultiplyScalarAdd, x, scalars, destination);

    /// <inheritdoc/>
    protected override void AutomorphismCore(Domain domain, GaloisElement element, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination)
    {
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(x, start);
            GpuCall call = CallFor(x[start].Basis);
            SetFirst(ref call.X, x.Slice(start, count));
            SetFirst(ref call.D, destination.Slice(start, count));
            call.P0 = element.Exponent(call.N);
            call.P1 = InverseExponent(call.P0, call.N);
            call.P2 = domain == Domain.Evaluation ? 1 : 0;
            Launch("automorphism", call.N, x[start].LimbCount, count, call);
        }
    }

    // 1/g modulo 2N, by Newton: each step doubles the bits that are right, from three on.
    private static int InverseExponent(int g, int degree)
    {
        uint inverse = (uint)g;
        for (int i = 0; i < 4; i++)
        {
            inverse *= 2 - (uint)g * inverse;
        }

        return (int)(inverse & (2 * (uint)degree - 1));
    }

    private void Scaled(Operation operation, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination)
    {
        if (x.IsEmpty)
        {
            return;
        }

        double[] words = new double[scalars.Length];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = GpuTable.Centred(x[0].Basis[i], scalars[i]);
        }

        using GpuTable table = new(this, words);
        Elementwise(operation, x, x, destination, table.First);
    }

    private void Elementwise(
        Operation operation, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination, ulong scalars = 0)
    {
        for (int start = 0, count; start < x.Length; start += count)
        {
            count = Together(x, start);
            int compact = y[start].RingDegree;
            for (int i = 1; i < count; i++)
            {
                if (y[start + i].RingDegree != compact || IsAfter(i, x[start..], y[start..], destination[start..]))
                {
                    count = i;
                }
            }

            GpuCall call = CallFor(x[start].Basis);
            SetFirst(ref call.X, x.Slice(start, count));
            SetFirst(ref call.Y, y.Slice(start, count));
            SetFirst(ref call.D, destination.Slice(start, count));
            call.P0 = (int)operation;
            call.P1 = System.Numerics.BitOperations.Log2((uint)(call.N / compact));
            call.T0 = scalars;
            Launch("elementwise", call.N, x[start].LimbCount, count, call);
        }
    }

    // Whether block i needs what an earlier one writes, or writes what an earlier one needs: blocks of a launch run in any order.
    private static bool IsAfter(int i, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        for (int j = 0; j < i; j++)
        {
            if (Meet(destination[j], destination[i]) || Meet(destination[j], x[i]) || Meet(destination[j], y[i])
                || Meet(x[j], destination[i]) || Meet(y[j], destination[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Meet(LimbBlock a, LimbBlock b) =>
        ReferenceEquals(a.Buffer, b.Buffer) && a.FirstLimb < b.FirstLimb + b.LimbCount && b.FirstLimb < a.FirstLimb + a.LimbCount;

    // How many blocks from one on have its primes and fit into one launch.
    private static int Together(ReadOnlySpan<LimbBlock> blocks, int start)
    {
        int count = 1;
        while (count < GpuCall.MaxBlocks && start + count < blocks.Length && ReferenceEquals(blocks[start + count].Basis, blocks[start].Basis))
        {
            count++;
        }

        return count;
    }

    private void SetFirst(ref GpuCall.Blocks words, ReadOnlySpan<LimbBlock> blocks)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            words[i] = First(blocks[i]);
        }
    }
}
