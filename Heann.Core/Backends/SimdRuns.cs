using System.Runtime.CompilerServices;

namespace Heann.Core.Backends;

/// <summary>How the values of a possibly compact operand y, given by its address, are read: value k stands at k &gt;&gt; shift.</summary>
internal unsafe interface ISimdRuns
{
    /// <summary>Values k … k + Count − 1.</summary>
    static abstract T Load<T>(double** y, int k, int shift)
        where T : unmanaged, ISimdLanes<T>;
}

/// <summary>Not compact: shift = 0.</summary>
internal readonly unsafe struct SimdNoRuns : ISimdRuns
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(double** y, int k, int shift)
        where T : unmanaged, ISimdLanes<T> => T.Load(*y + k);
}

/// <summary>Runs at least as long as a vector: one value serves all lanes.</summary>
internal readonly unsafe struct SimdLongRuns : ISimdRuns
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(double** y, int k, int shift)
        where T : unmanaged, ISimdLanes<T> => T.Broadcast((*y)[k >> shift]);
}

/// <summary>Runs shorter than a vector.</summary>
internal readonly unsafe struct SimdShortRuns : ISimdRuns
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(double** y, int k, int shift)
        where T : unmanaged, ISimdLanes<T> => T.LoadRuns(*y + (k >> shift), shift);
}

/// <summary>One value for all: it stands where the address would.</summary>
internal readonly unsafe struct SimdScalar : ISimdRuns
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(double** y, int k, int shift)
        where T : unmanaged, ISimdLanes<T> => T.Broadcast(*(double*)y);
}
