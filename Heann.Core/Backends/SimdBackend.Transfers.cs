using System.Numerics;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Core.Backends;

/// <content>Residues in and out, integers in.</content>
public sealed unsafe partial class SimdBackend
{
    /// <inheritdoc/>
    protected override void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination)
    {
        fixed (ulong* source = residues)
        {
            TransferJob job = new() { Backend = this, Residues = source, Blocks = [destination], IsUpload = true };
            Run(ref job, residues.Length);
        }
    }

    /// <inheritdoc/>
    protected override void DownloadCore(LimbBlock source, Span<ulong> residues)
    {
        fixed (ulong* destination = residues)
        {
            TransferJob job = new() { Backend = this, Residues = destination, Blocks = [source] };
            Run(ref job, residues.Length);
        }
    }

    /// <inheritdoc/>
    protected override void UploadIntegersCore(ReadOnlySpan<double> coefficients, LimbBlock destination)
    {
        double largest = LargestInteger(coefficients, destination.Basis[0]);
        fixed (double* integers = coefficients)
        {
            IntegerJob job = new() { Backend = this, Integers = integers, Largest = largest, Blocks = [destination] };
            Run(ref job, (long)coefficients.Length * destination.LimbCount);
        }
    }

    // The largest magnitude; refuses what is no integer, as the reference does.
    private static double LargestInteger(ReadOnlySpan<double> coefficients, Modulus q)
    {
        Vector<double> largest = Vector<double>.Zero;
        int k = 0;
        for (; k + Vector<double>.Count <= coefficients.Length; k += Vector<double>.Count)
        {
            Vector<double> x = new(coefficients[k..]);
            if (!Vector.EqualsAll(Vector.Truncate(x), x))
            {
                break;
            }

            largest = Vector.Max(largest, Vector.Abs(x));
        }

        double result = 0;
        for (int i = 0; i < Vector<double>.Count; i++)
        {
            result = Math.Max(result, largest[i]);
        }

        if (double.IsInfinity(result))
        {
            k = 0;
        }

        foreach (double x in coefficients[k..])
        {
            if (!double.IsInteger(x))
            {
                q.ReduceInteger(x); // throws
            }

            result = Math.Max(result, Math.Abs(x));
        }

        return result;
    }

    private ref struct TransferJob : ISimdJob
    {
        public SimdBackend Backend;
        public ulong* Residues;
        public ReadOnlySpan<LimbBlock> Blocks;
        public bool IsUpload;

        public readonly int Count => Blocks[0].LimbCount;

        public readonly void Run(int limb)
        {
            int degree = Blocks[0].RingDegree;
            Modulus q = Blocks[0].Basis[limb];
            double* values = Limb(Blocks[0], limb);
            ulong* residues = Residues + (long)limb * degree;
            SimdKernels kernels = Backend.KernelsFor(degree);
            if (IsUpload)
            {
                kernels.Upload(residues, values, degree, q);
            }
            else
            {
                kernels.Download(values, residues, degree, q);
            }
        }
    }

    private ref struct IntegerJob : ISimdJob
    {
        public SimdBackend Backend;
        public double* Integers;
        public double Largest;
        public ReadOnlySpan<LimbBlock> Blocks;

        public readonly int Count => Blocks[0].LimbCount;

        public readonly void Run(int limb)
        {
            int degree = Blocks[0].RingDegree;
            Modulus q = Blocks[0].Basis[limb];
            double* values = Limb(Blocks[0], limb);
            SimdKernels kernels = Backend.KernelsFor(degree);
            if (kernels.IsFused)
            {
                int rounds = 0;
                for (double reach = Math.ScaleB(q.Value, 49); reach < Largest; reach = Math.ScaleB(reach, 50))
                {
                    rounds++;
                }

                kernels.UploadIntegers(Integers, values, degree, q, rounds);
                return;
            }

            for (int k = 0; k < degree; k++)
            {
                values[k] = q.Center(q.ReduceInteger(Integers[k]));
            }
        }
    }
}
