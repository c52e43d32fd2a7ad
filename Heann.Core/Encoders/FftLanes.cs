using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Heann.Core.Encoders;

/// <summary>How many doubles one operation of <see cref="CanonicalFft"/> works on; the results do not depend on it.</summary>
internal enum FftWidth
{
    /// <summary>One: plain doubles, everywhere.</summary>
    Scalar = 1,

    /// <summary>Two: Vector128.</summary>
    Vector128 = 2,

    /// <summary>Four: Vector256.</summary>
    Vector256 = 4,

    /// <summary>Eight: Vector512.</summary>
    Vector512 = 8,
}

/// <summary>The operations a pass needs on <see cref="Count"/> doubles at once: each one IEEE operation per lane, none fused.</summary>
internal interface ILanes<TVector>
    where TVector : struct
{
    /// <summary>Doubles in a TVector.</summary>
    static abstract int Count { get; }

    /// <summary>(x[offset], …, x[offset + Count − 1]).</summary>
    static abstract TVector Load(ref double x, int offset);

    /// <summary>x[offset + i] = value_i.</summary>
    static abstract void Store(TVector value, ref double x, int offset);

    /// <summary>The same double in every lane.</summary>
    static abstract TVector Broadcast(double x);

    /// <summary>x + y.</summary>
    static abstract TVector Add(TVector x, TVector y);

    /// <summary>x − y.</summary>
    static abstract TVector Subtract(TVector x, TVector y);

    /// <summary>x · y.</summary>
    static abstract TVector Multiply(TVector x, TVector y);
}

/// <summary>One double: the definition of the result.</summary>
internal readonly struct ScalarLanes : ILanes<double>
{
    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Load(ref double x, int offset) => Unsafe.Add(ref x, offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double value, ref double x, int offset) => Unsafe.Add(ref x, offset) = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Broadcast(double x) => x;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Add(double x, double y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Subtract(double x, double y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Multiply(double x, double y) => x * y;
}

/// <summary>Two doubles.</summary>
internal readonly struct Lanes128 : ILanes<Vector128<double>>
{
    public static int Count => Vector128<double>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Load(ref double x, int offset) => Vector128.LoadUnsafe(ref x, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<double> value, ref double x, int offset) => value.StoreUnsafe(ref x, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Broadcast(double x) => Vector128.Create(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Add(Vector128<double> x, Vector128<double> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Subtract(Vector128<double> x, Vector128<double> y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Multiply(Vector128<double> x, Vector128<double> y) => x * y;
}

/// <summary>Four doubles.</summary>
internal readonly struct Lanes256 : ILanes<Vector256<double>>
{
    public static int Count => Vector256<double>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(ref double x, int offset) => Vector256.LoadUnsafe(ref x, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<double> value, ref double x, int offset) => value.StoreUnsafe(ref x, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Broadcast(double x) => Vector256.Create(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Add(Vector256<double> x, Vector256<double> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Subtract(Vector256<double> x, Vector256<double> y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Multiply(Vector256<double> x, Vector256<double> y) => x * y;
}

/// <summary>Eight doubles.</summary>
internal readonly struct Lanes512 : ILanes<Vector512<double>>
{
    public static int Count => Vector512<double>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(ref double x, int offset) => Vector512.LoadUnsafe(ref x, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<double> value, ref double x, int offset) => value.StoreUnsafe(ref x, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Broadcast(double x) => Vector512.Create(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> x, Vector512<double> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Subtract(Vector512<double> x, Vector512<double> y) => x - y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Multiply(Vector512<double> x, Vector512<double> y) => x * y;
}
