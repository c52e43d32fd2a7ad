using System.Runtime.CompilerServices;

namespace Heann.Core.Backends;

/// <summary>How products are summed before they are reduced; the ranges are <see cref="SimdSum"/>'s.</summary>
internal interface ISimdAccumulation
{
    /// <summary>(high, low) ← (high, low) + a·b.</summary>
    static abstract void Add<T>(T a, T b, T q, T qInverse, ref T high, ref T low)
        where T : unmanaged, ISimdLanes<T>;

    /// <summary>What (high, low) stands for, modulo q, at most 2^53 in magnitude.</summary>
    static abstract T Fold<T>(T high, T low, T bias, T q, T qInverse)
        where T : unmanaged, ISimdLanes<T>;
}

/// <summary>Products of up to 101 bits, each in two halves: four instructions a product.</summary>
internal readonly struct SimdSplitProducts : ISimdAccumulation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<T>(T a, T b, T q, T qInverse, ref T high, ref T low)
        where T : unmanaged, ISimdLanes<T> => T.Accumulate(a, b, q, qInverse, ref high, ref low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<T>(T high, T low, T bias, T q, T qInverse)
        where T : unmanaged, ISimdLanes<T> => T.Fold(high, low, bias, q, qInverse);
}

/// <summary>Sums of products that are themselves below 2^53, hence exact as they are: one instruction a product.</summary>
internal readonly struct SimdExactProducts : ISimdAccumulation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<T>(T a, T b, T q, T qInverse, ref T high, ref T low)
        where T : unmanaged, ISimdLanes<T> => high = T.FusedMultiplyAdd(a, b, high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Fold<T>(T high, T low, T bias, T q, T qInverse)
        where T : unmanaged, ISimdLanes<T> => high + low;
}
