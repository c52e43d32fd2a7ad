namespace Heann.Core.Backends;

/// <summary>What a transform fetches into cache meanwhile, a few lines with each step of its tail: arithmetic hides the way from memory. And
/// how exactly it ends.</summary>
internal unsafe struct SimdStream
{
    /// <summary>Doubles of a cache line.</summary>
    public const int Line = SimdPages.Line / sizeof(double);

    /// <summary>Values of the transform that a count of lines refers to.</summary>
    public const int TailValues = 64;

    /// <summary>The next line; need not be valid.</summary>
    public double* Next;

    /// <summary>Lines for every 64 values of the transform, a multiple of four; 0 fetches nothing.</summary>
    public int LinesPerTail;

    /// <summary>Whether the transform reduces nothing; see <see cref="SimdKernels.LazyLimit"/>.</summary>
    public bool IsLazy;
}
