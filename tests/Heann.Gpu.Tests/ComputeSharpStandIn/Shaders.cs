// A stand-in for the part of ComputeSharp 3.2 that Heann.Gpu uses, with its names, signatures and namespaces: shaders run as C#, thread by
// thread. It checks what the package or Direct3D would: lifetimes, bounds, group counts, a first dispatch before a barrier. Like the package it
// is marked as supported on Windows, so that the compiler reports uses that are not.
using System.Runtime.Versioning;

namespace ComputeSharp;

/// <summary>Sizes of thread groups by the axes that they extend along.</summary>
[SupportedOSPlatform("windows6.2")]
public enum DefaultThreadGroupSizes
{
    X,
    Y,
    Z,
    XY,
    XZ,
    YZ,
    XYZ,
}

/// <summary>The size of a shader's thread groups.</summary>
[SupportedOSPlatform("windows6.2")]
[AttributeUsage(AttributeTargets.Struct)]
public sealed class ThreadGroupSizeAttribute : Attribute
{
    public ThreadGroupSizeAttribute(DefaultThreadGroupSizes size) => (ThreadsX, ThreadsY, ThreadsZ) = size switch
    {
        DefaultThreadGroupSizes.X => (64, 1, 1),
        DefaultThreadGroupSizes.Y => (1, 64, 1),
        DefaultThreadGroupSizes.Z => (1, 1, 64),
        DefaultThreadGroupSizes.XY => (8, 8, 1),
        DefaultThreadGroupSizes.XZ => (8, 1, 8),
        DefaultThreadGroupSizes.YZ => (1, 8, 8),
        DefaultThreadGroupSizes.XYZ => (4, 4, 4),
        _ => throw new ArgumentException("No such size.", nameof(size)),
    };

    public ThreadGroupSizeAttribute(int threadsX, int threadsY, int threadsZ) =>
        (ThreadsX, ThreadsY, ThreadsZ) = (threadsX, threadsY, threadsZ);

    public int ThreadsX { get; }

    public int ThreadsY { get; }

    public int ThreadsZ { get; }
}

/// <summary>Asks the package's generator for the HLSL of a shader; here it only marks it.</summary>
[SupportedOSPlatform("windows6.2")]
[AttributeUsage(AttributeTargets.Struct)]
public sealed class GeneratedComputeShaderDescriptorAttribute : Attribute;

/// <summary>Options of the HLSL compiler; here they only stand there.</summary>
[SupportedOSPlatform("windows6.2")]
[Flags]
public enum CompileOptions
{
    ResourcesMayAlias = 1 << 13,
    Default = (1 << 8) | (1 << 9) | (1 << 10) | (1 << 11) | (1 << 12),
}

/// <summary>Options for a shader.</summary>
[SupportedOSPlatform("windows6.2")]
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Assembly)]
public sealed class CompileOptionsAttribute(CompileOptions options) : Attribute
{
    public CompileOptions Options { get; } = options;
}

/// <summary>A shader.</summary>
[SupportedOSPlatform("windows6.2")]
public interface IComputeShader
{
    void Execute();
}

/// <summary>The coordinates of the running thread.</summary>
[SupportedOSPlatform("windows6.2")]
public static class ThreadIds
{
    [ThreadStatic]
    private static (int X, int Y, int Z) s_current;

    public static int X => s_current.X;

    public static int Y => s_current.Y;

    public static int Z => s_current.Z;

    internal static void Set(int x, int y, int z) => s_current = (x, y, z);
}
