using System.Numerics;

namespace Heann.Core.Evaluation;

/// <summary>Time of the two things that evaluation consists of, for a machine: transforms of a limb and multiply-adds of a limb.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="ButterflyNanoseconds">One butterfly of a transform, N/2·log2 N of which make a limb's.</param>
/// <param name="MultiplyAddNanoseconds">One modular multiply-add with its memory traffic, N of which make a limb's.</param>
/// <param name="ThreadCount">Threads that share the limbs.</param>
/// <param name="ThreadEfficiency">Speed-up per further thread, 0 … 1.</param>
public sealed record CostModel(double ButterflyNanoseconds, double MultiplyAddNanoseconds, int ThreadCount, double ThreadEfficiency)
{
    /// <summary>Fitted on a 2-core Zen 4 machine with AVX-512; see bench/RESULTS.md for the figures.</summary>
    public static CostModel Default(int threadCount) => new(0.31, 0.65, threadCount, 0.6);

    /// <summary>Seconds for so many limb transforms and limb multiply-adds at ring degree N.</summary>
    public double Seconds(int ringDegree, double transforms, double multiplyAdds)
    {
        double butterflies = transforms * ringDegree / 2 * BitOperations.Log2((uint)ringDegree);
        double nanoseconds = (butterflies * ButterflyNanoseconds) + (multiplyAdds * ringDegree * MultiplyAddNanoseconds);
        return nanoseconds * 1e-9 / (1 + ((ThreadCount - 1) * ThreadEfficiency));
    }
}
