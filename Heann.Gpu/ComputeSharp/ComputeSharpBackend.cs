using System.Collections.Concurrent;
using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using ComputeSharp;
using Heann.Core.Arithmetic;
using Heann.Core.Rings;
using Heann.Gpu.Direct3D;

namespace Heann.Gpu;

/// <summary>
/// The seam on a Direct3D 12 device through ComputeSharp: polynomials live on the GPU, results are those of every backend, to the bit.
/// </summary>
/// <remarks>
/// <para>A residue is two 32-bit words and all arithmetic is in 32-bit integers, the quotients of basis conversions too: no shader
/// needs 64-bit integers or doubles, so every device that ComputeSharp opens will do. A stage of a transform is a dispatch.</para>
/// <para>Each call records its dispatches in one command list, and waits for it. Not in constant time. Thread-safe, as the seam says.</para>
/// <para><b>Not yet run on a device</b>: see the README of this folder for what was executed and how to check the rest.</para>
/// </remarks>
[SupportedOSPlatform(Windows8)]
public sealed partial class ComputeSharpBackend : RingBackend
{
    // As the package's assembly says it.
    internal const string Windows8 = "windows6.2";

    private const int SelfTestDegree = 64;

    private readonly GraphicsDevice _device;
    private readonly DeviceMemory _memory;
    private readonly ConcurrentDictionary<(ulong Prime, int RingDegree), Lazy<TransformConstants>> _transforms = new();
    private readonly ConditionalWeakTable<BasisConversion, ConversionConstants> _conversions = new();

    private ComputeSharpBackend(GraphicsDevice device)
    {
        _device = device;
        _memory = new(device);
    }

    /// <inheritdoc/>
    public override string Name => $"ComputeSharp (Direct3D 12) on {_device.Name}{(_device.IsHardwareAccelerated ? "" : ", in software")}";

    /// <inheritdoc cref="GpuBackend.ThreadCount"/>
    public override int ThreadCount => Environment.ProcessorCount;

    /// <summary>Opens a device and checks that its results are right.</summary>
    /// <param name="deviceIndex">Position in the system's order, fastest first; the software device WARP is the last.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    /// <exception cref="GpuException">No such device, it cannot be opened, or it computes other residues than the reference.</exception>
    public static ComputeSharpBackend Open(int deviceIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(deviceIndex);
        ComputeSharpBackend? backend = null;
        try
        {
            int count = 0;
            GraphicsDevice device = GraphicsDevice.QueryDevices(_ => count++ == deviceIndex).FirstOrDefault()
                ?? throw new GpuException(
                    $"There is no Direct3D 12 device number {deviceIndex} with shader model 6.0; the system has {count}, from 0 on. "
                    + "Use an OpenCL or CUDA device, or a CPU backend.");
            backend = new(device);
            GpuSelfTest.Run(backend, SelfTestDegree);
            return backend;
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            backend?.Dispose();
            throw new GpuException(
                $"Direct3D 12 device number {deviceIndex} cannot be used: {exception.Message} Update its driver, or use another device.",
                exception);
        }
        catch (GpuException)
        {
            backend?.Dispose();
            throw;
        }
    }

    /// <summary>The devices in the order of <see cref="Open"/>, without opening any, or why there is none.</summary>
    internal static IReadOnlyList<GpuDevice> Devices()
    {
        List<GpuDevice> devices = [];
        try
        {
            _ = GraphicsDevice.QueryDevices(info =>
            {
                // A device without memory of its own works in the system's.
                nuint bytes = info.DedicatedMemorySize > 0 ? info.DedicatedMemorySize : info.SharedMemorySize;
                devices.Add(new(GpuApi.ComputeSharp, devices.Count, info.Name, (long)bytes, "Direct3D 12", null)
                {
                    IsProcessor = !info.IsHardwareAccelerated,
                });
                return false;
            }).Count();
        }
        catch (Exception exception) when (IsRefusal(exception))
        {
            return [GpuDevice.Unavailable(GpuApi.ComputeSharp, exception.Message)];
        }

        return devices.Count > 0 ? devices : [GpuDevice.Unavailable(GpuApi.ComputeSharp, "no driver has a Direct3D 12 device")];
    }

    /// <inheritdoc/>
    /// <exception cref="GpuException">More residues than a Direct3D buffer holds.</exception>
    /// <exception cref="GpuOutOfMemoryException">The device has no room.</exception>
    public override RingBuffer Allocate(int ringDegree, int limbCount) => new DeviceRingBuffer(this, _memory, ringDegree, limbCount);

    /// <inheritdoc/>
    public override void Clear(ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.Clear, destination, destination, destination);

    /// <inheritdoc/>
    protected override void UploadCore(ReadOnlySpan<ulong> residues, LimbBlock destination) =>
        Words(destination).CopyFrom(MemoryMarshal.Cast<ulong, uint>(residues), 2 * Start(destination, 0));

    /// <inheritdoc/>
    protected override void UploadIntegersCore(ReadOnlySpan<double> coefficients, LimbBlock destination)
    {
        ulong[] residues = new ulong[destination.LimbCount * destination.RingDegree];
        for (int i = 0; i < residues.Length; i++)
        {
            residues[i] = destination.Basis[i / coefficients.Length].ReduceInteger(coefficients[i % coefficients.Length]);
        }

        UploadCore(residues, destination);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(residues.AsSpan()));
    }

    /// <inheritdoc/>
    protected override void DownloadCore(LimbBlock source, Span<ulong> residues) =>
        Words(source).CopyTo(MemoryMarshal.Cast<ulong, uint>(residues), 2 * Start(source, 0));

    /// <inheritdoc/>
    protected override void CopyCore(ReadOnlySpan<LimbBlock> source, ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.Copy, source, source, destination);

    /// <inheritdoc/>
    protected override void AddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.Add, x, y, destination);

    /// <inheritdoc/>
    protected override void SubtractCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.Subtract, x, y, destination);

    /// <inheritdoc/>
    protected override void NegateCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.Negate, x, x, destination);

    /// <inheritdoc/>
    protected override void MultiplyCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.Multiply, x, y, destination);

    /// <inheritdoc/>
    protected override void MultiplyAddCore(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination) =>
        Run(ElementwiseOperation.MultiplyAdd, x, y, destination);

    /// <inheritdoc/>
    protected override void MultiplyScalarCore(
        ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        RunScalar(x, scalars, destination, isSum: false);

    /// <inheritdoc/>
    protected override void MultiplyScalarAddCore(
        ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination) =>
        RunScalar(x, scalars, destination, isSum: true);

    /// <inheritdoc/>
    protected override void Dispose(bool isDisposing)
    {
        foreach (Lazy<TransformConstants> constants in _transforms.Values.Where(lazy => lazy.IsValueCreated))
        {
            constants.Value.Dispose();
        }

        foreach (KeyValuePair<BasisConversion, ConversionConstants> pair in _conversions)
        {
            pair.Value.Dispose();
        }

        _memory.Dispose();
    }

    private static bool IsRefusal(Exception exception) =>
        exception is Win32Exception or NotSupportedException or InvalidOperationException or DllNotFoundException;

    // Blocks take effect one after another, as on the reference; the limbs of a block are independent.
    private void Run(
        ElementwiseOperation operation, ReadOnlySpan<LimbBlock> x, ReadOnlySpan<LimbBlock> y, ReadOnlySpan<LimbBlock> destination)
    {
        using ComputeContext context = _device.CreateComputeContext();
        for (int i = 0; i < x.Length; i++)
        {
            ReadWriteBuffer<uint> left = Words(x[i]);
            ReadWriteBuffer<uint> right = Words(y[i]);
            ReadWriteBuffer<uint> to = Words(destination[i]);
            int yShift = BitOperations.Log2((uint)(x[i].RingDegree / y[i].RingDegree));
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                PrimeConstants prime = new(x[i].Basis[limb]);
                context.For(x[i].RingDegree, new ElementwiseShader(
                    left,
                    right,
                    to,
                    Start(x[i], limb),
                    Start(y[i], limb),
                    yShift,
                    Start(destination[i], limb),
                    prime.Q.Lo,
                    prime.Q.Hi,
                    prime.Mu.Lo,
                    prime.Mu.Hi,
                    prime.Shift,
                    (int)operation));
            }

            context.Barrier(to);
        }
    }

    private void RunScalar(ReadOnlySpan<LimbBlock> x, ReadOnlySpan<ulong> scalars, ReadOnlySpan<LimbBlock> destination, bool isSum)
    {
        using ComputeContext context = _device.CreateComputeContext();
        for (int i = 0; i < x.Length; i++)
        {
            (ReadWriteBuffer<uint> from, ReadWriteBuffer<uint> to) = (Words(x[i]), Words(destination[i]));
            for (int limb = 0; limb < x[i].LimbCount; limb++)
            {
                Modulus q = x[i].Basis[limb];
                context.For(
                    x[i].RingDegree, Scalar(from, Start(x[i], limb), new(scalars[limb], q), q, to, Start(destination[i], limb), isSum));
            }

            context.Barrier(to);
        }
    }

    private static ScalarShader Scalar(
        ReadWriteBuffer<uint> x,
        int xStart,
        FactorConstants factor,
        Modulus q,
        ReadWriteBuffer<uint> destination,
        int destinationStart,
        bool isSum)
    {
        WordPair prime = WordPair.Of(q.Value);
        return new(
            x, destination, xStart, destinationStart, factor.W.Lo, factor.W.Hi, factor.V.Lo, factor.V.Hi, prime.Lo, prime.Hi,
            isSum ? 1 : 0);
    }

    private ReadWriteBuffer<uint> Words(LimbBlock block) =>
        block.Buffer is DeviceRingBuffer buffer && ReferenceEquals(buffer.Backend, this)
            ? buffer.Words
            : throw new ArgumentException($"A buffer of '{block.Buffer.Backend.Name}' cannot be used by '{Name}'; download and upload it.");

    // The position of a limb in its buffer, in residues; a buffer's words fit an int.
    private static int Start(LimbBlock block, int limb) => (block.FirstLimb + limb) * block.RingDegree;
}
