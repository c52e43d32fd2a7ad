using Heann.Core.Encoders;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Rings;

namespace Heann.Core.Evaluation;

/// <summary>Runs a circuit on nothing: records the keys it needs and at which levels, counts operations, and estimates memory and time.</summary>
/// <remarks>The laws of level, scale and noise are those of every evaluator, so a circuit that does not fit fails here first. Not thread-safe.</remarks>
public sealed partial class RecordingEvaluator : CircuitEvaluator<RecordedValue>
{
    private double _transforms;
    private double _multiplyAdds;
    private long _liveBytes;

    /// <summary>Creates a recorder.</summary>
    public RecordingEvaluator(CkksParameters parameters)
        : base(parameters)
    {
    }

    /// <summary>The keys that the circuit needs, so far.</summary>
    public KeyRequest Keys { get; } = new();

    /// <summary>Key switches: relinearisations and rotations.</summary>
    public int KeySwitchCount { get; private set; }

    /// <summary>Products of two ciphertexts.</summary>
    public int ProductCount { get; private set; }

    /// <summary>Products of a ciphertext and a plaintext.</summary>
    public int PlainProductCount { get; private set; }

    /// <summary>Products of a ciphertext and an integer in matrix products.</summary>
    public long IntegerProductCount { get; private set; }

    /// <summary>Rescalings.</summary>
    public int RescaleCount { get; private set; }

    /// <summary>Transforms of one limb.</summary>
    public double TransformCount => _transforms;

    /// <summary>Multiply-adds of one limb, other passes over one limb among them.</summary>
    public double MultiplyAddCount => _multiplyAdds;

    /// <summary>Largest sum of the bytes of live ciphertexts and of the working memory of the operation at hand.</summary>
    public long PeakBytes { get; private set; }

    private int RingDegree => Parameters.RingDegree;

    /// <summary>Estimated time of everything recorded so far.</summary>
    public double EstimateSeconds(CostModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Seconds(RingDegree, _transforms, _multiplyAdds);
    }

    /// <summary>A value as a fresh encryption with the secret key would be.</summary>
    public RecordedValue Create(int? level = null, Scale? scale = null, double magnitude = 1) =>
        Create(level, scale, Estimator.FreshSecretKey(magnitude));

    /// <summary>A value as a fresh encryption with the public key would be.</summary>
    public RecordedValue CreatePublic(int? level = null, Scale? scale = null, double magnitude = 1) =>
        Create(level, scale, Estimator.FreshPublicKey(magnitude));

    /// <inheritdoc/>
    public override RecordedValue Allocate(int level, int partCount = 2)
    {
        Parameters.RequireLevel(level, nameof(level));
        RecordedValue value = new(this, level, partCount, Parameters.DefaultScale);
        Resize(value, level, partCount);
        return value;
    }

    internal void Free(RecordedValue value) => _liveBytes -= value.ByteCount;

    /// <inheritdoc/>
    protected override void Label(RecordedValue destination, int level, int partCount, Scale scale, NoiseEstimate noise)
    {
        Resize(destination, level, partCount);
        (destination.Level, destination.PartCount, destination.Scale, destination.Noise) = (level, partCount, scale, noise);
    }

    /// <inheritdoc/>
    protected override void Declare(RecordedValue x, NoiseEstimate noise) => x.Noise = noise;

    /// <inheritdoc/>
    protected override void RequireDestination(RecordedValue destination) => RequireOwn(destination);

    /// <inheritdoc/>
    protected override void RequireOwn(RecordedValue x)
    {
        if (x.Parameters.Id != Parameters.Id)
        {
            Throw.ForeignParameters(x.Parameters.Id, Parameters.Id);
        }
    }

    /// <inheritdoc/>
    protected override void Move(RecordedValue temporary, RecordedValue destination) => temporary.Dispose();

    /// <inheritdoc/>
    protected override void AddCore(RecordedValue x, RecordedValue y, RecordedValue destination)
    {
        Passes(destination.PartCount, x.Level);
        Trace("addition", destination);
    }

    /// <inheritdoc/>
    protected override void SubtractCore(RecordedValue x, RecordedValue y, RecordedValue destination)
    {
        Passes(destination.PartCount, x.Level);
        Trace("subtraction", destination);
    }

    /// <inheritdoc/>
    protected override void NegateCore(RecordedValue x, RecordedValue destination)
    {
        Passes(x.PartCount, x.Level);
        Trace("negation", destination);
    }

    /// <inheritdoc/>
    protected override void AddPlainCore(RecordedValue x, SlotVector values, RecordedValue destination)
    {
        Encode(values, x.Level);
        Passes(1, x.Level);
        Trace("addition of a plaintext", destination);
    }

    /// <inheritdoc/>
    protected override void MultiplyPlainCore(RecordedValue x, SlotVector values, Scale scale, RecordedValue destination)
    {
        PlainProductCount++;
        Encode(values, x.Level);
        Passes(x.PartCount, x.Level);
        Trace("multiplication by a plaintext", destination);
    }

    /// <inheritdoc/>
    protected override void MultiplyIntegerCore(RecordedValue x, long weight, RecordedValue destination)
    {
        Passes(x.PartCount, x.Level);
        Trace("multiplication by an integer", destination);
    }

    /// <inheritdoc/>
    protected override void TensorProductCore(RecordedValue x, RecordedValue y, RecordedValue destination)
    {
        ProductCount++;
        Passes(4, x.Level);
        Trace(RecordedOperation.Product, destination);
    }

    /// <inheritdoc/>
    protected override void RelinearizeCore(RecordedValue x, RecordedValue destination)
    {
        KeySwitchCount++;
        KeySwitchLayout layout = Parameters.KeySwitchLayoutAt(x.Level);
        Decompose(layout, x.Level);
        InnerProduct(layout, x.Level);
        ModDown(layout, x.Level);
        Passes(2, x.Level);
        Trace("relinearisation", destination);
    }

    /// <inheritdoc/>
    protected override void RescaleCore(RecordedValue x, RecordedValue destination)
    {
        RescaleCount++;
        _transforms += x.PartCount * (x.Level + 1);
        Passes(2 * x.PartCount, x.Level);
        Trace("rescaling", destination);
    }

    /// <inheritdoc/>
    protected override void CopyCore(RecordedValue x, RecordedValue destination)
    {
        Passes(0.5 * x.PartCount, destination.Level);
        Trace("level drop", destination);
    }

    /// <inheritdoc/>
    protected override KeySwitchLayout RelinearizationLayout(int level)
    {
        Keys.AddRelinearization(level);
        return Parameters.KeySwitchLayoutAt(level);
    }

    /// <inheritdoc/>
    protected override KeySwitchLayout GaloisLayout(GaloisElement element, int level)
    {
        Keys.AddGalois(element.Normalize(RingDegree), level);
        return Parameters.KeySwitchLayoutAt(level);
    }

    /// <inheritdoc/>
    protected override void ApplyCore(RecordedValue x, GaloisElement element, RecordedValue destination)
    {
        RecordRotations(x, [element], isSum: false);
        Trace("automorphism", destination);
    }

    /// <inheritdoc/>
    protected override void RotateManyCore(RecordedValue x, ReadOnlySpan<GaloisElement> elements, ReadOnlySpan<RecordedValue> destinations)
    {
        RecordRotations(x, elements.ToArray(), isSum: false);
        Trace("rotations of one value", destinations);
    }

    /// <inheritdoc/>
    protected override void RotateSumCore(RecordedValue x, GaloisElement[] elements, RecordedValue destination)
    {
        RecordRotations(x, elements, isSum: true);
        Trace("sum of rotations", destination);
    }

    /// <inheritdoc/>
    protected override void TransformCore(RecordedValue[] x, LinearTransform[,] transforms, Scale scale, RecordedValue[] destinations)
    {
        int level = x[0].Level;
        int babies = 0;
        for (int i = 0; i < x.Length; i++)
        {
            int[] steps = [.. Enumerable.Range(0, destinations.Length).SelectMany(o => transforms[o, i].BabySteps).Distinct()];
            RecordRotations(x[i], [.. steps.Select(GaloisElement.Rotation)], isSum: false);
            babies += steps.Length;
            CountOperations(steps.Length);
        }

        Occupy(8L * RingDegree * (level + 1) * 2 * (babies + 8));
        for (int o = 0; o < destinations.Length; o++)
        {
            LinearTransform[] row = [.. Enumerable.Range(0, x.Length).Select(i => transforms[o, i])];
            int products = row.Sum(t => t.Matrix.Shifts.Count);
            PlainProductCount += products;
            _transforms += products * (level + 1) * 2.0 * row[0].Matrix.Period / RingDegree;
            Passes(2.0 * products, level, weight: 0.5);
            int giants = Math.Max(0, row.Max(t => t.GiantSteps[^1])) + Math.Max(0, -row.Min(t => t.GiantSteps[0]));
            // What the ciphertexts' evaluator does one by one: rotations, and sums of the giant steps that occur.
            CountOperations(giants + row.SelectMany(t => t.GiantSteps).Distinct().Count() - 1);
            for (int i = 0; i < giants; i++)
            {
                RecordRotations(x[0], [GaloisElement.Rotation(row[0].BabyStepCount)], isSum: false);
                Passes(2, level);
            }
        }

        Trace("linear transform", destinations);
    }

    // A value that was put aside, in memory again.
    internal RecordedValue Restore(int level, int partCount, Scale scale, NoiseEstimate noise)
    {
        RecordedValue value = Allocate(level, partCount);
        Label(value, level, partCount, scale, noise);
        return value;
    }

    private RecordedValue Create(int? level, Scale? scale, Noise.NoiseEstimate noise)
    {
        RecordedValue value = Allocate(level ?? Parameters.MaxLevel);
        Label(value, value.Level, 2, scale ?? Parameters.DefaultScale, noise);
        return value;
    }

    private void RecordRotations(RecordedValue x, GaloisElement[] elements, bool isSum)
    {
        int count = elements.Count(e => !e.IsIdentity(RingDegree));
        KeySwitchCount += count;
        if (count == 0)
        {
            return;
        }

        KeySwitchLayout layout = Parameters.KeySwitchLayoutAt(x.Level);
        Decompose(layout, x.Level);
        for (int i = 0; i < count; i++)
        {
            InnerProduct(layout, x.Level);
            Passes(isSum ? 6 : 4, x.Level);
        }

        for (int i = 0; i < (isSum ? 1 : count); i++)
        {
            ModDown(layout, x.Level);
        }
    }

    private void Decompose(KeySwitchLayout layout, int level)
    {
        int extended = level + 1 + layout.BasisP.Count;
        IReadOnlyList<Range> digits = layout.DigitsAt(level);
        _transforms += digits.Count * extended;
        foreach (Range digit in digits)
        {
            int length = digit.End.Value - digit.Start.Value;
            _multiplyAdds += length * (extended - length);
        }

        Occupy(8L * RingDegree * (digits.Count + 4) * extended);
    }

    private void InnerProduct(KeySwitchLayout layout, int level) =>
        _multiplyAdds += 2.0 * layout.DigitsAt(level).Count * (level + 1 + layout.BasisP.Count);

    private void ModDown(KeySwitchLayout layout, int level)
    {
        int special = layout.BasisP.Count;
        _transforms += 2 * (special + level + 1);
        _multiplyAdds += 2.0 * special * (level + 1);
        Passes(2, level);
    }

    private void Encode(SlotVector values, int level) =>
        _transforms += (level + 1) * (double)SlotEncoder.CompactDegree(values, Parameters) / RingDegree;

    private void Passes(double parts, int level, double weight = 1) => _multiplyAdds += parts * (level + 1) * weight;

    private void Occupy(long transientBytes) => PeakBytes = Math.Max(PeakBytes, _liveBytes + transientBytes);

    private void Resize(RecordedValue value, int level, int partCount)
    {
        long bytes = Math.Max(value.ByteCount, 8L * RingDegree * (level + 1) * partCount);
        _liveBytes += bytes - value.ByteCount;
        value.ByteCount = bytes;
        Occupy(0);
    }
}
