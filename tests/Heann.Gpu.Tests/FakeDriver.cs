using Heann.Gpu.Drivers;

namespace Heann.Gpu.Tests;

/// <summary>A driver without a device; what a test does not expect to be called throws.</summary>
internal abstract unsafe class FakeDriver : GpuDriver
{
    public override GpuDevice Device => throw new NotSupportedException();

    public override (ulong First, long Words) Allocate(long words) => throw new NotSupportedException();

    public override void* AllocateHost(long words) => throw new NotSupportedException();

    public override void Write(ulong destination, void* source, long words) => throw new NotSupportedException();

    public override void Read(ulong source, void* destination, long words) => throw new NotSupportedException();

    public override void Launch(string kernel, long groups, int y, int z, in GpuCall call) => throw new NotSupportedException();

    public override nint Mark() => throw new NotSupportedException();

    public override void Await(nint mark) => throw new NotSupportedException();

    public override double Milliseconds(nint from, nint to) => throw new NotSupportedException();

    public override void Release(nint mark) => throw new NotSupportedException();

    public override void Synchronize() => throw new NotSupportedException();

    public override void Dispose()
    {
    }
}
