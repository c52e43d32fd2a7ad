using Heann.Core.Arithmetic;
using Heann.Core.Rings;

namespace Heann.Gpu;

/// <summary>The constants of base conversions that are done in one launch, as the kernel <c>convert</c> reads them.</summary>
/// <remarks>A job is a conversion to up to <see cref="TargetsPerJob"/> primes: its source is read once for all of them.</remarks>
internal sealed class GpuConversions
{
    // TARGETS of the kernel.
    private const int TargetsPerJob = 4;
    private const int WordsPerJob = 8;

    private readonly GpuTable _words;

    /// <summary>Writes the constants.</summary>
    public GpuConversions(GpuBackend backend, ReadOnlySpan<Part> parts)
    {
        (double[] words, JobCount) = Create(parts);
        _words = new(backend, words);
    }

    /// <summary>The first word.</summary>
    public ulong First => _words.First;

    /// <summary>How many jobs a block takes.</summary>
    public int JobCount { get; }

    /// <summary>One conversion of a launch.</summary>
    /// <param name="Conversion">Its constants. Primes on both sides are left out.</param>
    /// <param name="Source">The first word of its source, counted from the launch's operand.</param>
    /// <param name="Destination">The first word of its first target, counted from the launch's destination.</param>
    public readonly record struct Part(BasisConversion Conversion, long Source, long Destination);

    private static (double[] Words, int JobCount) Create(ReadOnlySpan<Part> parts)
    {
        List<(Part Part, int[] Targets)> jobs = [];
        foreach (Part part in parts)
        {
            IEnumerable<int> foreign = Enumerable.Range(0, part.Conversion.Target.Count).Where(j => part.Conversion.SharedSource(j) < 0);
            jobs.AddRange(foreign.Chunk(TargetsPerJob).Select(targets => (part, targets)));
        }

        List<double> words = [.. new double[WordsPerJob * jobs.Count]];
        BasisConversion? described = null;
        int sources = 0;
        for (int job = 0; job < jobs.Count; job++)
        {
            (Part part, int[] targets) = jobs[job];
            BasisConversion conversion = part.Conversion;
            if (!ReferenceEquals(conversion, described))
            {
                (described, sources) = (conversion, words.Count);
                AddSources(words, conversion);
            }

            ReadOnlySpan<long> head = [part.Source, conversion.Source.Count, sources, targets.Length, words.Count];
            for (int i = 0; i < head.Length; i++)
            {
                words[(WordsPerJob * job) + i] = GpuTable.Word((ulong)head[i]);
            }

            AddTargets(words, part, targets);
        }

        return ([.. words], jobs.Count);
    }

    private static void AddSources(List<double> words, BasisConversion conversion)
    {
        for (int i = 0; i < conversion.Source.Count; i++)
        {
            Modulus d = conversion.Source[i];
            words.AddRange([d.Value, d.Reciprocal, d.Center(conversion.PuncturedInverses[i]), 0]);
        }
    }

    private static void AddTargets(List<double> words, Part part, int[] targets)
    {
        BasisConversion conversion = part.Conversion;
        int degree = conversion.Target.RingDegree;
        for (int t = 0; t < TargetsPerJob; t++)
        {
            int j = targets[Math.Min(t, targets.Length - 1)];
            Modulus p = conversion.Target[j];
            words.AddRange(
                [GpuTable.Word((ulong)(part.Destination + ((long)j * degree))), p.Value, p.Reciprocal, p.Center(conversion.Products[j])]);
        }

        for (int i = 0; i < conversion.Source.Count; i++)
        {
            for (int t = 0; t < TargetsPerJob; t++)
            {
                int j = targets[Math.Min(t, targets.Length - 1)];
                words.Add(conversion.Target[j].Center(conversion.Punctured(j)[i]));
            }
        }
    }
}
