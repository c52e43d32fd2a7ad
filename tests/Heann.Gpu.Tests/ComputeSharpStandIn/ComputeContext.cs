using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Versioning;

namespace ComputeSharp;

/// <summary>A command list.</summary>
/// <remarks>
/// Between two barriers Direct3D may run dispatches in any order, or at once. So they wait here for the next barrier or the end, and run
/// then, the last one first, and in each of them the last thread first: a barrier that is missing, or a thread that relies on another,
/// shows in the results. A barrier stands for all buffers here, for one in Direct3D.
/// </remarks>
[SupportedOSPlatform("windows6.2")]
public struct ComputeContext : IDisposable
{
    private readonly List<Action> _waiting = [];
    private GraphicsDevice? _device;
    private bool _hasStarted;

    internal ComputeContext(GraphicsDevice device) => _device = device;

    public readonly GraphicsDevice GraphicsDevice =>
        _device ?? throw new InvalidOperationException("The current compute context is not in a valid state.");

    public void Dispose()
    {
        _ = GraphicsDevice;
        _device = null;
        Flush();
    }

    internal readonly void Barrier()
    {
        if (!_hasStarted)
        {
            throw new InvalidOperationException("The current compute context has not yet been initialized.");
        }

        Flush();
    }

    internal void Add(Action dispatch)
    {
        _ = GraphicsDevice;
        _hasStarted = true;
        _waiting.Add(dispatch);
    }

    private readonly void Flush()
    {
        for (int i = _waiting.Count - 1; i >= 0; i--)
        {
            _waiting[i]();
        }

        _waiting.Clear();
    }
}

/// <summary>What a command list records.</summary>
[SupportedOSPlatform("windows6.2")]
public static class ComputeContextExtensions
{
    private const int MaxGroupCount = 65535;
    private const int ParallelCount = 4096;

    public static void For<T>(this ref readonly ComputeContext context, int x, in T shader)
        where T : struct, IComputeShader => context.For(x, 1, shader);

    public static void For<T>(this ref readonly ComputeContext context, int x, int y, in T shader)
        where T : struct, IComputeShader
    {
        ThreadGroupSizeAttribute size = typeof(T).GetCustomAttribute<ThreadGroupSizeAttribute>()
            ?? throw new InvalidOperationException($"{typeof(T)} has no thread group size.");
        RequireGroups(x, size.ThreadsX);
        RequireGroups(y, size.ThreadsY);
        T copy = shader;
        Unsafe.AsRef(in context).Add(() => Run(x, y, copy));
    }

    public static void Barrier<T>(this ref readonly ComputeContext context, ReadWriteBuffer<T> buffer)
        where T : unmanaged
    {
        _ = buffer.Items;
        context.Barrier();
    }

    public static void Clear<T>(this ref readonly ComputeContext context, ReadWriteBuffer<T> buffer)
        where T : unmanaged
    {
        T[] items = buffer.Items;
        Unsafe.AsRef(in context).Add(() => items.AsSpan().Clear());
    }

    private static void RequireGroups(int count, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((count + size - 1) / size, MaxGroupCount, nameof(count));
    }

    private static void Run<T>(int x, int y, T shader)
        where T : struct, IComputeShader
    {
        int total = x * y;
        if (total < ParallelCount)
        {
            RunRange(shader, x, 0, total);
            return;
        }

        int share = (total / Environment.ProcessorCount) + 1;
        Parallel.For(0, Environment.ProcessorCount, i => RunRange(shader, x, Math.Min(total, i * share), Math.Min(total, (i + 1) * share)));
    }

    private static void RunRange<T>(T shader, int x, int start, int end)
        where T : struct, IComputeShader
    {
        for (int i = end - 1; i >= start; i--)
        {
            ThreadIds.Set(i % x, i / x, 0);
            shader.Execute();
        }
    }
}
