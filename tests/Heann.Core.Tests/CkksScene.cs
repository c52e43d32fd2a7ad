using System.Numerics;
using Heann.Core.Ciphertexts;
using Heann.Core.Encoders;
using Heann.Core.Evaluation;
using Heann.Core.Keys;
using Heann.Core.Noise;
using Heann.Core.Parameters;
using Heann.Core.Tests.Rings;

namespace Heann.Core.Tests;

/// <summary>One parameter set with its context, keys and evaluators, and the naive twin's tools: complex slots and bounds from the predicted error.</summary>
public sealed class CkksScene : IDisposable
{
    // Rounding errors are multiplied by s, and |s(ζ)|² of a slot is exponentially distributed: errors of two parts have the tails of Laplace's
    // distribution, exp(−√2·t) beyond t standard deviations, 10^(−12) here; those of a third part, multiplied by s², heavier ones.
    private const double Deviations = 20;
    private const double DeviationsOfThreeParts = 60;

    public CkksScene(string name)
    {
        Name = name;
        Parameters = Registry.Parameters(name);
        Context = CkksContext.Create(Parameters);
        Secret = Context.KeyGenerator.CreateSecretKey();
        PublicKey = Context.KeyGenerator.CreatePublicKey(Secret);
        int[] few = [.. Enumerable.Range(1, 4), 8, 16];
        int[] many = [.. Enumerable.Range(1, 16), 32];
        int[] steps = name switch { "N10L5Dnum3" => many, "N6L7Dnum2" => many[..16], _ => few };
        Keys = Context.KeyGenerator.CreateEvaluationKeys(
            Secret, KeyRequest.ForRotations([.. steps, .. steps.Select(k => -k)], Parameters.MaxLevel, withConjugation: true));
        Evaluator = Context.CreateEvaluator(Keys);
        Clear = new(Parameters);
    }

    public string Name { get; }

    public CkksParameters Parameters { get; }

    public CkksContext Context { get; }

    public SecretKey Secret { get; }

    public PublicKey PublicKey { get; }

    /// <summary>Relinearisation, conjugation, rotations by ±1 … ±4, ±8, ±16 (N10L5Dnum3 and N6L7Dnum2: ±1 … ±16), all up to the top level.</summary>
    public EvaluationKeys Keys { get; }

    public CkksEvaluator Evaluator { get; }

    public ClearEvaluator Clear { get; }

    public int SlotCount => Parameters.SlotCount;

    public int TopLevel => Parameters.MaxLevel;

    /// <summary>Slots in the square [−1, 1]², or [−1, 1] when real.</summary>
    public Complex[] Slots(Random random, bool isReal = false) =>
        [.. Enumerable.Range(0, SlotCount).Select(_ => new Complex((random.NextDouble() * 2) - 1, isReal ? 0 : (random.NextDouble() * 2) - 1))];

    /// <summary>Slots on the unit circle: products keep their magnitude.</summary>
    public Complex[] UnitSlots(Random random) =>
        [.. Enumerable.Range(0, SlotCount).Select(_ => Complex.FromPolarCoordinates(1, random.NextDouble() * 2 * Math.PI))];

    /// <summary>A fresh encryption with the secret key that declares its true magnitude.</summary>
    public Ciphertext Encrypt(Complex[] slots, int? level = null, Scale? scale = null)
    {
        using Plaintext plaintext = Context.Encoder.Encode(slots, level, scale);
        return Context.Encryptor.Encrypt(Secret, plaintext, Magnitude(slots));
    }

    /// <summary>The same value for the clear twin.</summary>
    public ClearValue Twin(Complex[] slots, int? level = null, Scale? scale = null) =>
        Clear.Create(SlotVector.Padded(slots, SlotCount), level, scale, Magnitude(slots));

    public Complex[] Decrypt(Ciphertext x) => Context.Decryptor.Decrypt(Secret, x);

    public ulong[][] Residues(Ciphertext x) => [.. Enumerable.Range(0, x.PartCount).Select(i =>
    {
        ulong[] residues = new ulong[(x.Level + 1) * Parameters.RingDegree];
        Context.Backend.Download(x.Part(i), residues);
        return residues;
    })];

    /// <summary>Fails unless every real and imaginary part is within twenty predicted standard deviations of what it must be.</summary>
    public void AssertSlots(IReadOnlyList<Complex> expected, Ciphertext actual, string what, SeededRandom random) =>
        AssertSlots(i => expected[i], actual, what, random);

    /// <inheritdoc cref="AssertSlots(IReadOnlyList{Complex}, Ciphertext, string, SeededRandom)"/>
    public void AssertSlots(Func<int, Complex> expected, Ciphertext actual, string what, SeededRandom random)
    {
        double bound = (actual.PartCount > 2 ? DeviationsOfThreeParts : Deviations) * actual.Noise.SlotError(Parameters.RingDegree, actual.Scale);
        Assert.True(bound < 1e-3, $"{what}: the predicted error {bound:E1} leaves nothing to check.");
        Complex[] slots = Decrypt(actual);
        for (int i = 0; i < slots.Length; i++)
        {
            Complex error = slots[i] - expected(i);
            if (!(Math.Abs(error.Real) <= bound && Math.Abs(error.Imaginary) <= bound))
            {
                Assert.Fail($"{Name}, {what}: slot {i} is {slots[i]} instead of {expected(i)}, error {error}, bound {bound:E2}; {actual}; seed {random.Seed}.");
            }
        }
    }

    /// <summary>log2 of measured over predicted standard deviation of real and imaginary parts.</summary>
    public (double Predicted, double Measured) NoiseBits(IReadOnlyList<Complex> expected, Ciphertext actual)
    {
        Complex[] slots = Decrypt(actual);
        double[] wanted = [.. expected.SelectMany(z => (double[])[z.Real, z.Imaginary])];
        double[] got = [.. slots.SelectMany(z => (double[])[z.Real, z.Imaginary])];
        PrecisionReport report = PrecisionReport.Measure(wanted, got);
        return (Math.Log2(actual.Noise.SlotError(Parameters.RingDegree, actual.Scale)), Math.Log2(report.Sigma));
    }

    public static double Magnitude(IEnumerable<Complex> slots) => Math.Sqrt(slots.Average(z => (z.Real * z.Real) + (z.Imaginary * z.Imaginary)));

    public void Dispose()
    {
        Keys.Dispose();
        PublicKey.Dispose();
        Secret.Dispose();
        Context.Dispose();
    }
}
